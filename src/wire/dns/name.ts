/**
 * A name as the wire has it, without the root's zero byte, in lower case, one character for each byte:
 * `"web.front"` is `"\x03web\x05front"`. Keys of `a` and `b` joined are the key of `a.b`.
 */
export type NameKey = string

const labelMax = 63
/** 255 bytes on the wire, of which the root label takes one. */
const keyMax = 254
/** Pointers go backwards, so a name cannot have more of them than this in a message of 64 KiB that makes sense. */
const jumpsMax = 64

/** The key of wire bytes: only the letters of ASCII have two cases. @source RFC 4343 §3 */
export function foldCase(wire: string): NameKey {
  if (!/[\x80-\xff]/.test(wire)) return wire.toLowerCase()
  return wire.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/**
 * The key of a dotted name; a trailing dot is allowed. `undefined` when it cannot be a name: an empty label, one of
 * more than 63 bytes, or more than 255 bytes in all.
 *
 * @source RFC 1035 §3.1
 */
export function nameKey(text: string): NameKey | undefined {
  const wire = wireName(text)
  return wire === undefined ? undefined : foldCase(wire)
}

/** Like `nameKey`, in the letters that it is written in: for answers that show a name. */
export function wireName(text: string): string | undefined {
  if (text === '.' || text === '') return ''
  let wire = ''
  for (const label of text.replace(/\.$/, '').split('.')) {
    const bytes = Buffer.from(label).toString('latin1')
    if (bytes.length === 0 || bytes.length > labelMax) return undefined
    wire += String.fromCharCode(bytes.length) + bytes
  }
  return wire.length > keyMax ? undefined : wire
}

/** The dotted text of a key, for people: `"web.front"`, `"."` for the root. */
export function nameText(key: NameKey): string {
  const labels: string[] = []
  for (let at = 0; at < key.length; at += 1 + key.charCodeAt(at))
    labels.push(Buffer.from(key.slice(at + 1, at + 1 + key.charCodeAt(at)), 'latin1').toString())
  return labels.join('.') || '.'
}

/** Where each label of a key begins: `[0, 4]` for `"\x03web\x05front"`. */
export function labelStarts(key: NameKey): number[] {
  const starts: number[] = []
  for (let at = 0; at < key.length; at += 1 + key.charCodeAt(at)) starts.push(at)
  return starts
}

/**
 * Where the bytes after an uncompressed or compressed name begin; -1 when it does not end within `end`.
 */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; ) {
    const length = bytes[i]!
    if (length === 0) return i + 1
    if (length >= 0xc0) return i + 2 <= end ? i + 2 : -1
    if (length > labelMax || i + 1 + length - at > keyMax) return -1
    i += 1 + length
  }
  return -1
}

/**
 * Reads a name, following its pointers.
 *
 * @throws {RangeError} when it leaves the message, is too long, or its pointers do not go backwards
 * @source RFC 1035 §4.1.4
 */
export function readName(bytes: Uint8Array, at: number): { key: NameKey; end: number } {
  let key = ''
  let end = -1
  let here = at
  for (let jumps = 0; ; ) {
    const length = bytes[here]
    if (length === undefined) throw new RangeError(`name at ${at} leaves the message`)
    if (length === 0) return { key: foldCase(key), end: end < 0 ? here + 1 : end }
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (bytes[here + 1] ?? 0xff)
      if (here + 2 > bytes.length || target >= here || ++jumps > jumpsMax)
        throw new RangeError(`name at ${at} has a pointer that does not go backwards`)
      if (end < 0) end = here + 2
      here = target
      continue
    }
    const next = here + 1 + length
    if (length > labelMax || next > bytes.length || key.length + 1 + length > keyMax)
      throw new RangeError(`name at ${at} is too long`)
    for (; here < next; here++) key += String.fromCharCode(bytes[here]!)
  }
}

/**
 * The name under which a PTR record tells who has an address; `undefined` for what is no address.
 *
 * @source RFC 1035 §3.5; RFC 3596 §2.5
 * @example
 * pointerKey('10.0.0.2') // the key of "2.0.0.10.in-addr.arpa"
 */
export function pointerKey(bytes: Uint8Array): NameKey {
  if (bytes.length === 4) return nameKey(`${Array.from(bytes).reverse().join('.')}.in-addr.arpa`)!
  const nibbles = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return nameKey(`${Array.from(nibbles).reverse().join('.')}.ip6.arpa`)!
}
