import { type Address, contains, formatAddress, type Prefix, parseAddress } from './prefix.ts'

/**
 * The addresses of one subnet: which are taken, and which comes next.
 *
 * The next one is the lowest free after the one given last, and after the end the lowest of all: an address that was
 * given back rests as long as possible, so that nobody's stale connection reaches its next owner. Each answer costs
 * the same, however many are taken, unless the subnet is nearly full.
 */
export class AddressAllocator {
  readonly #subnet: Prefix
  readonly #range: Prefix
  readonly #taken = new Set<bigint>()
  /** How many of `#taken` lie in the range. */
  #takenInRange = 0
  readonly #isSerial: boolean
  #last: bigint

  /**
   * @param range     where addresses are chosen from; the whole subnet unless told. Static ones may lie outside.
   * @param reserved  never chosen: gateway, auxiliary addresses. Those outside the subnet are ignored.
   */
  constructor({ subnet, range = subnet, reserved = [], isSerial = false }: AllocatorSpec) {
    this.#isSerial = isSerial
    this.#subnet = subnet
    this.#range = range
    this.#last = range.first - 1n
    for (const value of unusable(subnet)) this.#add(value)
    for (const text of reserved) this.take(text)
  }

  /** Takes the next free address. @returns undefined when all are taken */
  next(): string | undefined {
    const { first, last, family } = this.#range
    if (BigInt(this.#takenInRange) > last - first) return undefined
    let value = this.#last
    do value = value >= last ? first : value + 1n
    while (this.#taken.has(value))
    this.#add(value)
    this.#last = value
    return formatAddress({ family, value })
  }

  /** Takes one address. @returns false when it is taken already, or not of this subnet */
  take(text: string): boolean {
    const address = parseAddress(text)
    if (address === undefined || !contains(this.#subnet, address) || this.#taken.has(address.value)) return false
    this.#add(address.value)
    return true
  }

  /** Whether an address is of this subnet. */
  contains(text: string): boolean {
    const address = parseAddress(text)
    return address !== undefined && contains(this.#subnet, address)
  }

  /** Takes an address that was given before a restart: the next one comes after it. */
  restore(text: string): void {
    if (this.take(text) && !this.#isSerial && this.#inRange(parseAddress(text)!)) this.#last = parseAddress(text)!.value
  }

  /** Gives an address back; a free one is no mistake. */
  release(text: string): void {
    const address = parseAddress(text)
    if (address === undefined || !this.#taken.delete(address.value) || !this.#inRange(address)) return
    this.#takenInRange--
    if (this.#isSerial && address.value <= this.#last) this.#last = address.value - 1n
  }

  #add(value: bigint): void {
    this.#taken.add(value)
    if (this.#inRange({ family: this.#subnet.family, value })) this.#takenInRange++
  }

  #inRange(address: Address): boolean {
    return contains(this.#range, address)
  }
}

/** What an allocator is made of. */
export interface AllocatorSpec {
  readonly subnet: Prefix
  readonly range?: Prefix
  readonly reserved?: readonly string[]
  /** True: always the lowest free address, one that was given back too. */
  readonly isSerial?: boolean
}

/** Network and broadcast address; of IPv6 the first only (subnet-router anycast). Blocks of two or one have none. */
function unusable({ family, first, last }: Prefix): readonly bigint[] {
  if (last - first < 2n) return []
  return family === 'ipv4' ? [first, last] : [first]
}
