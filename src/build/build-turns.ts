/** Builds go on beside each other; what tidies up after them has the cache to itself. */
export class BuildTurns {
  readonly #builds = new Set<Promise<unknown>>()
  #tidying: Promise<unknown> = Promise.resolve()

  get isBuilding(): boolean {
    return this.#builds.size > 0
  }

  /** Waits until nobody tidies up, then builds. */
  async build<T>(work: () => Promise<T>): Promise<T> {
    await this.#tidied()
    const building = work()
    this.#builds.add(building)
    try {
      return await building
    } finally {
      this.#builds.delete(building)
    }
  }

  /** Begins to tidy up when nobody else does; builds that come wait for its end. Undefined, and nothing done, while somebody builds. */
  async tidy<T>(work: () => Promise<T>): Promise<T | undefined> {
    await this.#tidied()
    if (this.isBuilding) return undefined
    const tidying = work()
    this.#tidying = tidying.catch(() => {}) // whoever asked hears of it
    return await tidying
  }

  /** Waits for all that goes on. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#builds)
    await this.#tidied()
  }

  /** Somebody else may have begun when it is one's turn: looks again. */
  async #tidied(): Promise<void> {
    for (let seen: unknown; seen !== this.#tidying; await seen) seen = this.#tidying
  }
}
