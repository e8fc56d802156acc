import { ipBytes } from '../ip-address.ts'
import { ipProtocols } from './conntrack.ts'
import { roundUp } from './layout.ts'
import { concat } from './message.ts'

/** One field of a key or of a map's data: how long it is, in bytes, and what its text says. */
interface Field {
  readonly bytes: number
  encode(text: string): Uint8Array
}

const address = (bytes: number): Field => ({ bytes, encode: ipBytes })

/** Fields by nft's name of their type. @source nft(8), DATA TYPES */
const fields: Readonly<Record<string, Field>> = {
  // IFNAMSIZ
  ifname: { bytes: 16, encode: (text) => Buffer.from(text.replaceAll('"', '').padEnd(16, '\0')) },
  ipv4_addr: address(4),
  ipv6_addr: address(16),
  inet_proto: { bytes: 1, encode: (text) => Uint8Array.of(protocolNumber(text)) },
  inet_service: { bytes: 2, encode: (text) => Uint8Array.of(Number(text) >> 8, Number(text) & 0xff) },
}

function protocolNumber(text: string): number {
  return ipProtocols[text as keyof typeof ipProtocols] ?? Number(text)
}

/** The first and the last value that a key stands for: the same, unless it is a range or a prefix. */
export interface KeyRange {
  readonly low: Uint8Array
  readonly high: Uint8Array
}

/**
 * The bytes of a key as nft writes it: `tcp . 10.0.0.0/8 . 80-90`. Fields of a concatenation are padded to 4 bytes.
 *
 * @param type as the set has it: `inet_proto . ipv4_addr . inet_service`
 * @throws {RangeError} for a type that is not known here, or a text that is not of the type
 */
export function encodeKey(type: string, text: string): KeyRange {
  const types = type.split(' . ')
  const parts = text.split(' . ')
  if (types.length !== parts.length) throw new RangeError(`Cannot read key "${text}": it is not of type ${type}`)
  const ranges = types.map((name, i) => fieldRange(name, parts[i]!))
  const isSingle = ranges.length === 1
  const join = (end: keyof KeyRange) => (isSingle ? ranges[0]![end] : concat(ranges.map((range) => padded(range[end]))))
  return { low: join('low'), high: join('high') }
}

function fieldRange(name: string, text: string): KeyRange {
  const field = fields[name]
  if (field === undefined) throw new RangeError(`Cannot encode a field of type ${name}`)
  const [, base, length] = /^([^/]+)\/(\d+)$/.exec(text) ?? []
  if (base !== undefined) return prefixRange(field.encode(base), Number(length))
  const [low = '', high] = name === 'inet_service' ? text.split('-') : [text]
  const one = field.encode(low)
  if (one.length !== field.bytes) throw new RangeError(`Cannot read "${text}": it is not of type ${name}`)
  return { low: one, high: high === undefined ? one : field.encode(high) }
}

function prefixRange(base: Uint8Array, length: number): KeyRange {
  const low = base.map((byte, i) => byte & ~hostBits(length, i))
  return { low, high: low.map((byte, i) => byte | hostBits(length, i)) }
}

/** The bits of byte `i` that a prefix of `length` bits leaves open. */
function hostBits(length: number, i: number): number {
  return 0xff >> Math.min(Math.max(length - 8 * i, 0), 8)
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array(roundUp(bytes.length, 4) - bytes.length)])
}

/** The value that follows, for the element that ends an interval; undefined after the last there is. */
export function successor(bytes: Uint8Array): Uint8Array | undefined {
  const next = bytes.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i]! + 1) & 0xff
    if (next[i] !== 0) return next
  }
  return undefined
}
