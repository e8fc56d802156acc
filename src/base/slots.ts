import { EventEmitter, once } from 'node:events'

/** A number of places for work that would only slow itself down if all of it ran at once. */
export class Slots {
  readonly #count: () => number
  #held = 0
  readonly #turns = new EventEmitter<{ free: [] }>().setMaxListeners(0)

  /** @param count  how many places there are, asked anew each time; it may change */
  constructor(count: () => number) {
    this.#count = count
  }

  /** Waits for a place, and holds it until the answer is disposed. @throws what `signal` aborted with */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    while (this.#held >= this.#count()) await once(this.#turns, 'free', { signal }).catch(() => signal.throwIfAborted())
    this.#held++
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#held--
        this.#turns.emit('free')
      },
    }
  }
}
