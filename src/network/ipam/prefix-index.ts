import type { Family, Prefix } from './prefix.ts'

interface Entry<T> {
  readonly prefix: Prefix
  readonly key: string
  readonly value: T
}

const widths: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 }

/** Things by the blocks of addresses that they have, so that whoever asks about one block sees only what touches it. */
export class PrefixIndex<T> {
  readonly #byKey = new Map<string, Entry<T>>()
  /** Of each family, in the order of their first addresses; of equal ones the larger block first. */
  readonly #sorted: Readonly<Record<Family, Entry<T>[]>> = { ipv4: [], ipv6: [] }
  /** How many there are of each length. */
  readonly #lengths: Readonly<Record<Family, Map<number, number>>> = { ipv4: new Map(), ipv6: new Map() }

  /** Puts a thing in its place, and away from where it was. */
  put(key: string, prefix: Prefix, value: T): void {
    this.delete(key)
    const entry = { prefix, key, value }
    const sorted = this.#sorted[prefix.family]
    sorted.splice(lowerBound(sorted, prefix.first, prefix.length), 0, entry)
    this.#byKey.set(key, entry)
    this.#count(prefix, 1)
  }

  /** Absent is success. */
  delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (entry === undefined) return
    this.#byKey.delete(key)
    const sorted = this.#sorted[entry.prefix.family]
    sorted.splice(sorted.indexOf(entry, lowerBound(sorted, entry.prefix.first, entry.prefix.length)), 1)
    this.#count(entry.prefix, -1)
  }

  /** Everything that shares an address with `prefix`. */
  overlapping({ family, first, last, length }: Prefix): T[] {
    const sorted = this.#sorted[family]
    const found: T[] = []
    for (const shorter of this.#lengths[family].keys()) {
      if (shorter >= length) continue
      const around = first & ~((1n << BigInt(widths[family] - shorter)) - 1n)
      for (let i = lowerBound(sorted, around, shorter); isAt(sorted[i], around, shorter); i++) {
        found.push(sorted[i]!.value)
      }
    }
    for (let i = lowerBound(sorted, first, length); i < sorted.length && sorted[i]!.prefix.first <= last; i++) {
      found.push(sorted[i]!.value)
    }
    return found
  }

  #count({ family, length }: Prefix, change: 1 | -1): void {
    const lengths = this.#lengths[family]
    const count = (lengths.get(length) ?? 0) + change
    if (count === 0) lengths.delete(length)
    else lengths.set(length, count)
  }
}

function isAt(entry: Entry<unknown> | undefined, first: bigint, length: number): boolean {
  return entry !== undefined && entry.prefix.first === first && entry.prefix.length === length
}

/** The first place whose block does not come before. */
function lowerBound(sorted: readonly Entry<unknown>[], first: bigint, length: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const { prefix } = sorted[middle]!
    const isBefore = prefix.first < first || (prefix.first === first && prefix.length < length)
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}
