import { closeSync, openSync } from 'node:fs'

/** `FD_SETSIZE`: the first descriptor that select(2) cannot wait for. */
const selectLimit = 1024

/**
 * Descriptors below 1024, kept for libraries that wait with select(2): given a higher one, the C library ends the
 * process. The kernel always hands out the lowest that is free, so giving one up makes it the next.
 *
 * @source select(2), "BUGS"
 */
export class LowDescriptors {
  readonly #count: number
  readonly #held: number[] = []

  /** @param count how many may be lent at the same time when everything else is taken */
  constructor(count: number) {
    this.#count = count
    this.refill()
  }

  /** Runs `open`, whose first new descriptor is below the limit. Nothing else may be opened before it. */
  lend<T>(open: () => T): T {
    const next = openSync('/dev/null', 'r')
    closeSync(next)
    const fd = next < selectLimit ? undefined : this.#held.pop()
    if (fd !== undefined) closeSync(fd)
    return open()
  }

  /** Takes back what was lent and has been closed. */
  refill(): void {
    while (this.#held.length < this.#count) {
      const fd = openSync('/dev/null', 'r')
      if (fd >= selectLimit) {
        closeSync(fd)
        return
      }
      this.#held.push(fd)
    }
  }
}
