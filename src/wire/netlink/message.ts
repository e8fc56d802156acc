import { ipBytes, ipText, macBytes, macText } from '../ip-address.ts'
import { type Layout, little, roundUp } from './layout.ts'

/** Set on the type of an attribute that holds attributes, where the kernel insists on it. */
export const NLA_F_NESTED = 0x8000
const typeMask = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

/** The payload of one attribute: bytes without the 4-byte `struct nlattr` in front. */
export interface Payload<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

/** One line of a schema: the number of an attribute and what is inside. */
export interface Attribute<T> {
  readonly type: number
  readonly payload: Payload<T>
}

// biome-ignore lint/suspicious/noExplicitAny: each field has its own type; the outside is exact
type Schema = Readonly<Record<string, Attribute<any>>>

/** An attribute that the schema does not know. */
export interface UnknownAttribute {
  readonly type: number
  readonly bytes: Uint8Array
}

/** Known attributes under their names; the rest kept, byte for byte, in `unknown`. */
export type Attributes<S extends Schema> = { readonly [K in keyof S]?: S[K] extends Attribute<infer T> ? T : never } & {
  readonly unknown?: readonly UnknownAttribute[]
}

/** Both ways between the bytes of a message and its value. */
export interface MessageCodec<H, S extends Schema> {
  encode(header: H, attributes?: Attributes<S>): Uint8Array
  decode(bytes: Uint8Array): { header: H; attributes: Attributes<S> }
}

/** One line of a schema. The number comes from the header file; or it with `NLA_F_NESTED` where the kernel insists. */
export function attr<T>(type: number, payload: Payload<T> | Layout<T>): Attribute<T> {
  return { type, payload: 'encode' in payload ? payload : fixed(payload) }
}

/** A message family: one fixed header, then attributes in any order. */
export function message<H, const S extends Schema>(header: Layout<H>, schema: S): MessageCodec<H, S> {
  const body = nested(schema)
  const start = roundUp(header.size, 4)
  return {
    encode(value, attributes = {}) {
      const head = new Uint8Array(start)
      header.write(viewOf(head), 0, value)
      return concat([head, body.encode(attributes as Attributes<S>)])
    },
    decode(bytes) {
      if (bytes.length < header.size)
        throw new RangeError(`Cannot decode message: ${bytes.length} bytes is less than its ${header.size}-byte header`)
      return { header: header.read(viewOf(bytes), 0), attributes: body.decode(bytes.subarray(start)) }
    },
  }
}

/** Attributes inside an attribute, e.g. `IFLA_LINKINFO`. */
export function nested<const S extends Schema>(schema: S): Payload<Attributes<S>> {
  const nameOf = new Map(Object.entries(schema).map(([name, { type }]) => [type & typeMask, name]))
  return {
    encode(values) {
      const known = Object.entries(schema)
        .filter(([name]) => values[name] !== undefined)
        .map(([name, { type, payload }]) => tlv(type, payload.encode(values[name])))
      const unknown = (values.unknown ?? []).map(({ type, bytes }) => tlv(type, bytes))
      return concat([...known, ...unknown])
    },
    decode(bytes) {
      const known: Record<string, unknown> = {}
      const unknown: UnknownAttribute[] = []
      const view = viewOf(bytes)
      for (let at = 0; at + 4 <= bytes.length; ) {
        const length = view.getUint16(at, little)
        const type = view.getUint16(at + 2, little) & typeMask
        if (length < 4 || at + length > bytes.length)
          throw new RangeError(`Cannot decode attribute ${type}: length ${length} at byte ${at} of ${bytes.length}`)
        const payload = bytes.subarray(at + 4, at + length)
        const name = nameOf.get(type)
        if (name === undefined) unknown.push({ type, bytes: payload })
        else known[name] = schema[name]!.payload.decode(payload)
        at += roundUp(length, 4)
      }
      return (unknown.length > 0 ? { ...known, unknown } : known) as Attributes<S>
    },
  }
}

/** A NUL-terminated string. */
export const cstring: Payload<string> = {
  encode: (value) => Buffer.from(`${value}\0`),
  decode(bytes) {
    const end = bytes.indexOf(0)
    return Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end).toString()
  },
}

/** Bytes as they are. */
export const raw: Payload<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes }

/** An IPv4 or IPv6 address, in network order; its length tells which. */
export const ip: Payload<string> = { encode: ipBytes, decode: ipText }

/** A hardware address; `""` for one of no bytes. */
export const mac: Payload<string> = {
  encode: (value) => (value === '' ? new Uint8Array(0) : macBytes(value)),
  decode: macText,
}

function fixed<T>(layout: Layout<T>): Payload<T> {
  return {
    encode(value) {
      const bytes = new Uint8Array(layout.size)
      layout.write(viewOf(bytes), 0, value)
      return bytes
    },
    decode: (bytes) => layout.read(viewOf(bytes), 0),
  }
}

function tlv(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(roundUp(4 + payload.length, 4))
  const view = viewOf(bytes)
  view.setUint16(0, 4 + payload.length, little)
  view.setUint16(2, type, little)
  bytes.set(payload, 4)
  return bytes
}

/** One array of all the bytes; not a Buffer, whose `slice` does not copy. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
