import { isIPv4, isIPv6 } from 'node:net'

/**
 * The bytes of an address, in network order: 4 for IPv4, 16 for IPv6. A zone (`%eth0`) is not part of an address.
 *
 * @throws {RangeError} when `text` is neither
 */
export function ipBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) throw new RangeError(`Cannot read address "${text}": neither IPv4 nor IPv6`)
  const [head = '', tail] = text.split('::')
  const left = groupsOf(head)
  const right = tail === undefined ? [] : groupsOf(tail)
  const groups = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/**
 * The text of an address, shortest form, lower case.
 *
 * @throws {RangeError} when there are not 4 or 16 bytes
 * @source RFC 5952
 */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new RangeError(`Cannot read address: ${bytes.length} bytes, not 4 or 16`)
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${bytes.subarray(12).join('.')}`
  const { start, length } = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best.length) best = { start, length: end - start }
    if (end > start) start = end
  }
  return best
}

/**
 * The bytes of a hardware address: `02:42:ac:11:00:02`.
 *
 * @throws {RangeError} when `text` is not pairs of hexadecimal digits with colons between them
 */
export function macBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) throw new RangeError(`Cannot read hardware address "${text}"`)
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16))
}

/**
 * The usual text of a hardware address of Ethernet, which people write `02:42:…`, `02-42-…` or `0242.ac11.0002`.
 *
 * @returns undefined for anything else
 */
export function parseMac(text: string): string | undefined {
  const forms = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i
  if (!forms.test(text)) return undefined
  return text.toLowerCase().replaceAll(/[.:-]/g, '').match(/../g)!.join(':')
}

/** The text of a hardware address of any length, lower case; empty for none. */
export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}
