/** Sets of words by key; a key without words is no key. */
export class SetMap {
  readonly #sets = new Map<string, Set<string>>()

  has(key: string): boolean {
    return this.#sets.has(key)
  }

  of(key: string): readonly string[] {
    return [...(this.#sets.get(key) ?? [])]
  }

  /** The keys whose sets have that word. */
  keysOf(word: string): readonly string[] {
    return [...this.#sets].flatMap(([key, set]) => (set.has(word) ? [key] : []))
  }

  add(key: string, word: string): void {
    const set = this.#sets.get(key) ?? new Set()
    this.#sets.set(key, set.add(word))
  }

  /** @returns false when it was not there */
  delete(key: string, word: string): boolean {
    const set = this.#sets.get(key)
    const had = set?.delete(word) ?? false
    if (set?.size === 0) this.#sets.delete(key)
    return had
  }

  clear(key: string): void {
    this.#sets.delete(key)
  }
}
