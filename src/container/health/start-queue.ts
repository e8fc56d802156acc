/** A probe that takes longer than this makes room for the next one: it waits for something, and costs nothing. */
const longestTurnMs = 250

/**
 * Lets only a few things begin at one time, in the order in which they came, so that many timers that go off together do not
 * make the machine stand still. What takes long does not keep the others from their turn.
 */
export class StartQueue {
  readonly #waiting: (() => Promise<void>)[] = []
  #free: number

  /** @param places  how many may be under way */
  constructor(places: number) {
    this.#free = places
  }

  /** Runs `work` when its turn has come. It must not throw. */
  add(work: () => Promise<void>): void {
    this.#waiting.push(work)
    this.#next()
  }

  #next(): void {
    if (this.#free === 0) return
    const work = this.#waiting.shift()
    if (work === undefined) return
    this.#free--
    const turn = setTimeout(() => this.#release(release), longestTurnMs)
    const release = { done: false, turn }
    void work().finally(() => this.#release(release))
  }

  #release(turn: { done: boolean; turn: NodeJS.Timeout }): void {
    if (turn.done) return
    turn.done = true
    clearTimeout(turn.turn)
    this.#free++
    this.#next()
  }
}
