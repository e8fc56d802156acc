import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'
import { ipBytes, ipText } from '../../wire/ip-address.ts'

/** Which of the two internets an address belongs to. */
export type Family = 'ipv4' | 'ipv6'

/** One address as a number, so that it can be counted with. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** A block of addresses: `first` has no host bits. */
export interface Prefix {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
  /** Bits: 0–32 for IPv4, 0–128 for IPv6. */
  readonly length: number
}

const widths: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 }

/** Reads `"10.0.0.2"` or `"fd00::2"`; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const version = isIP(text)
  if (version === 0 || text.includes('%')) return undefined
  const value = Array.from(ipBytes(text)).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return { family: version === 4 ? 'ipv4' : 'ipv6', value }
}

/** The text of an address: `"10.0.0.2"`. */
export function formatAddress({ family, value }: Address): string {
  const bytes = widths[family] / 8
  return ipText(Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * (bytes - 1 - i))) & 0xffn)))
}

/**
 * Reads `"10.0.0.0/16"`. Host bits are dropped; compare with `formatPrefix` to see whether there were any.
 *
 * @returns undefined when it is not an address, a slash and a length that fits
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [, addressText = '', lengthText = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const address = parseAddress(addressText)
  const length = Number(lengthText)
  if (address === undefined || lengthText === '' || length > widths[address.family]) return undefined
  return prefixOf(address, length)
}

/** The block of `length` bits that an address lies in. */
export function prefixOf({ family, value }: Address, length: number): Prefix {
  const hostMask = (1n << BigInt(widths[family] - length)) - 1n
  return { family, first: value & ~hostMask, last: value | hostMask, length }
}

/** The text of a block: `"10.0.0.0/16"`. */
export function formatPrefix({ family, first, length }: Prefix): string {
  return `${formatAddress({ family, value: first })}/${length}`
}

/** True when the address is of the block. */
export function contains({ family, first, last }: Prefix, address: Address): boolean {
  return address.family === family && first <= address.value && address.value <= last
}

/** True when the two blocks share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

/** `"172.17.0.2/16"` from an address and the block whose length it is to carry. */
export function withLength(address: string, { length }: Prefix): string {
  return `${address}/${length}`
}

/** The address of `"172.17.0.2/16"`, without its length. */
export function bareAddress(cidr: string): string {
  return cidr.split('/', 1)[0]!
}

/** @throws {EngineError} `invalid-argument` when `text` is no prefix: for records and settings, where `what` says which */
export function requirePrefix(text: string, what: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new EngineError('invalid-argument', `Cannot read ${what} "${text}": not a prefix`)
  return prefix
}
