import { endianness } from 'node:os'

/** Netlink integers are in host order, except where a header file says `__be16`, `__be32`. */
export const little = endianness() === 'LE'

/** A value of fixed size inside a C structure. Sizes and offsets are in bytes. */
export interface Layout<T> {
  readonly size: number
  readonly align: number
  read(view: DataView, offset: number): T
  write(view: DataView, offset: number, value: T): void
}

/** `__u8` */
export const u8: Layout<number> = {
  size: 1,
  align: 1,
  read: (view, offset) => view.getUint8(offset),
  write: (view, offset, value) => view.setUint8(offset, value),
}
/** `__u16` */
export const u16: Layout<number> = {
  size: 2,
  align: 2,
  read: (view, offset) => view.getUint16(offset, little),
  write: (view, offset, value) => view.setUint16(offset, value, little),
}
/** `__u32` */
export const u32: Layout<number> = {
  size: 4,
  align: 4,
  read: (view, offset) => view.getUint32(offset, little),
  write: (view, offset, value) => view.setUint32(offset, value, little),
}
/** `__s32` */
export const i32: Layout<number> = {
  size: 4,
  align: 4,
  read: (view, offset) => view.getInt32(offset, little),
  write: (view, offset, value) => view.setInt32(offset, value, little),
}
/** `__u64` */
export const u64: Layout<bigint> = {
  size: 8,
  align: 8,
  read: (view, offset) => view.getBigUint64(offset, little),
  write: (view, offset, value) => view.setBigUint64(offset, value, little),
}
/** `__u64` that counts something: a number, exact up to 2^53 */
export const counter64: Layout<number> = {
  size: 8,
  align: 8,
  read: (view, offset) => Number(view.getBigUint64(offset, little)),
  write: (view, offset, value) => view.setBigUint64(offset, BigInt(value), little),
}
/** `__be16`: ports, protocols on the wire */
export const u16be: Layout<number> = {
  size: 2,
  align: 2,
  read: (view, offset) => view.getUint16(offset),
  write: (view, offset, value) => view.setUint16(offset, value),
}
/** `__be32`: what netfilter counts and names */
export const u32be: Layout<number> = {
  size: 4,
  align: 4,
  read: (view, offset) => view.getUint32(offset),
  write: (view, offset, value) => view.setUint32(offset, value),
}

/** `__u8[size]`: bytes as they are. */
export function bytes(size: number, align = 1): Layout<Uint8Array> {
  return {
    size,
    align,
    read: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, size).slice(),
    write: (view, offset, value) => new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each field has its own type; the outside is exact
type Fields = Readonly<Record<string, Layout<any>>>
type ValueOf<F extends Fields> = { [K in keyof F]: F[K] extends Layout<infer T> ? T : never }

/** A C `struct`: fields in declaration order, padded the way the C ABI pads them. */
export function struct<const F extends Fields>(fields: F): Layout<ValueOf<F>> {
  let end = 0
  let widest = 1
  const placed = Object.entries(fields).map(([name, layout]) => {
    const offset = roundUp(end, layout.align)
    end = offset + layout.size
    widest = Math.max(widest, layout.align)
    return { name, offset, layout }
  })
  return {
    size: roundUp(end, widest),
    align: widest,
    read: (view, base) =>
      Object.fromEntries(
        placed.map(({ name, offset, layout }) => [name, layout.read(view, base + offset)]),
      ) as ValueOf<F>,
    write: (view, base, value) => {
      for (const { name, offset, layout } of placed) layout.write(view, base + offset, value[name])
    },
  }
}

/** The next multiple of `multiple` from `n` up. */
export function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple
}
