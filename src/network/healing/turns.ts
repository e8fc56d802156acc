/** Gives some of a list their turn, then the next, and so on from the beginning, while the list changes. */
export class Turns {
  readonly #atATime: number
  #begin = 0

  constructor(atATime: number) {
    this.#atATime = atATime
  }

  /** Those whose turn it is. @returns also whether they are the first of the list */
  next<T>(all: readonly T[]): { readonly isFirst: boolean; readonly some: readonly T[] } {
    const begin = this.#begin < all.length ? this.#begin : 0
    this.#begin = begin + this.#atATime
    return { isFirst: begin === 0, some: all.slice(begin, this.#begin) }
  }
}
