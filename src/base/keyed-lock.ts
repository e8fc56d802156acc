/** Runs work one at a time for each key; different keys run side by side. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>()

  /**
   * Waits for `key`, and holds it until the returned guard is disposed.
   *
   * @example
   * using _ = await lock.acquire(`network ${id}`)
   */
  async acquire(key: string, signal?: AbortSignal): Promise<Disposable> {
    const before = this.#tails.get(key)
    const { promise: done, resolve: release } = Promise.withResolvers<void>()
    const tail = (before ?? Promise.resolve()).then(() => done)
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    try {
      await (signal ? Promise.race([before, aborted(signal)]) : before)
      signal?.throwIfAborted()
    } catch (reason) {
      release() // our place in the queue passes on when its turn comes
      throw reason
    }
    return { [Symbol.dispose]: release }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
