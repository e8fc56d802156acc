import { EventEmitter, once } from 'node:events'

/** A number of places for work that would only slow itself down if all of it ran at once. */
export class Slots {
  #free: number
  readonly #turns = new EventEmitter<{ free: [] }>().setMaxListeners(0)

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a place, and holds it until the answer is disposed. @throws what `signal` aborted with */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    while (this.#free === 0) await once(this.#turns, 'free', { signal }).catch(() => signal.throwIfAborted())
    this.#free--
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#free++
        this.#turns.emit('free')
      },
    }
  }
}
