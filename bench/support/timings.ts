/** Times of operations by name, in milliseconds, in the order in which the names came up. */
export class Timings {
  readonly #all = new Map<string, number[]>()

  /** Does `work` and keeps how long it took. */
  async time<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const begin = performance.now()
    const result = await work()
    this.add(name, performance.now() - begin)
    return result
  }

  add(name: string, value: number): void {
    this.#all.set(name, [...(this.#all.get(name) ?? []), value])
  }

  /** The middle one of what was measured under `name`; of an even number, the mean of the middle two. */
  median(name: string): number {
    const sorted = (this.#all.get(name) ?? []).toSorted((a, b) => a - b)
    const middle = sorted.length / 2
    return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2
  }
}
