import { type Layout, roundUp } from './layout.ts'

/** The payload of one attribute: bytes without the 4-byte `struct nlattr` in front. */
export interface Payload<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

export interface Attribute<T> {
  readonly type: number
  readonly payload: Payload<T>
}

// biome-ignore lint/suspicious/noExplicitAny: each field has its own type; the outside is exact
type Schema = Readonly<Record<string, Attribute<any>>>

export interface UnknownAttribute {
  readonly type: number
  readonly bytes: Uint8Array
}

/** Known attributes under their names; the rest kept, byte for byte, in `unknown`. */
export type Attributes<S extends Schema> = { readonly [K in keyof S]?: S[K] extends Attribute<infer T> ? T : never } & {
  readonly unknown?: readonly UnknownAttribute[]
}

export interface MessageCodec<H, S extends Schema> {
  encode(header: H, attributes?: Attributes<S>): Uint8Array
  decode(bytes: Uint8Array): { header: H; attributes: Attributes<S> }
}

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
  const nameOf = new Map(Object.entries(schema).map(([name, { type }]) => [type, name]))
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
        const length = view.getUint16(at, true)
        const type = view.getUint16(at + 2, true) & 0x3fff // drop NLA_F_NESTED, NLA_F_NET_BYTEORDER
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
  encode: (value) => new TextEncoder().encode(`${value}\0`),
  decode: (bytes) =>
    new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0) >= 0 ? bytes.indexOf(0) : bytes.length)),
}

export const raw: Payload<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes }

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
  view.setUint16(0, 4 + payload.length, true)
  view.setUint16(2, type, true)
  bytes.set(payload, 4)
  return bytes
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
