/** How often one thing may be done. */
export interface PaceLimits {
  readonly times: number
  /** Milliseconds. */
  readonly within: number
}

/** Keeps somebody who breaks things in a loop from making us mend them in one. */
export class Pace {
  readonly #limits: PaceLimits
  readonly #done = new Map<string, number[]>()
  readonly #held = new Set<string>()

  constructor(limits: PaceLimits) {
    this.#limits = limits
  }

  /** How long to wait before the next time, in milliseconds; 0: not at all. @param now milliseconds */
  wait(key: string, now: number): number {
    const { times, within } = this.#limits
    const recent = (this.#done.get(key) ?? []).filter((time) => time > now - within)
    if (recent.length === 0) {
      this.#done.delete(key)
      this.#held.delete(key)
    } else this.#done.set(key, recent)
    return recent.length < times ? 0 : recent.at(-times)! + within - now
  }

  /** It was done. */
  count(key: string, now: number): void {
    this.#done.set(key, [...(this.#done.get(key) ?? []), now])
  }

  /** Notes that it has to wait. @returns true the first time, until there was quiet again */
  hold(key: string): boolean {
    if (this.#held.has(key)) return false
    this.#held.add(key)
    return true
  }
}
