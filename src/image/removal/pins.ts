/**
 * What work under way needs although no image names it yet: digests of blobs and layers.
 *
 * The collector leaves pinned things alone.
 */
export class Pins {
  readonly #counts = new Map<string, number>()

  /** Holds `digests` until the answer is disposed. */
  hold(digests: Iterable<string>): Disposable {
    const held = [...digests]
    for (const digest of held) this.#counts.set(digest, (this.#counts.get(digest) ?? 0) + 1)
    return {
      [Symbol.dispose]: () => {
        for (const digest of held.splice(0)) {
          const left = this.#counts.get(digest)! - 1
          if (left === 0) this.#counts.delete(digest)
          else this.#counts.set(digest, left)
        }
      },
    }
  }

  has(digest: string): boolean {
    return this.#counts.has(digest)
  }
}
