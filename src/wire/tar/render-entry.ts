import { type PaxRecords, renderPax, xattrKey } from './pax.ts'
import { blockBytes, paddingOf, type TarEntry } from './tar-entry.ts'
import { checksum } from './tar-header.ts'

/** The blocks of zeros that end an archive. */
export const endOfArchive = Buffer.alloc(2 * blockBytes)

/** The largest numbers that the octal fields of a header hold. */
const most = { id: 0o7777777, size: 0o77777777777, seconds: 0o77777777777n } as const

/**
 * The header of one entry: ustar, with a pax header before it where that cannot say all. Times are cut to whole
 * seconds, as Docker does; content, and filling up to a whole block, come after it.
 *
 * @source POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"
 */
export function renderEntry(entry: TarEntry): Buffer {
  const records = recordsFor(entry)
  const header = renderHeader(entry)
  if (records.length === 0) return header
  const content = renderPax(records)
  const name = Buffer.from('PaxHeaders.0/entry')
  const about: TarEntry = {
    ...entry,
    name,
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    linkName: none,
  }
  return Buffer.concat([renderHeader(about), content, Buffer.alloc(paddingOf(content.length)), header])
}

const none = Buffer.of()

function recordsFor({ name, linkName, uid, gid, size, mtimeNs, xattrs }: TarEntry): PaxRecords {
  const seconds = floorSeconds(mtimeNs)
  return [
    ...(fits(name) ? [] : [['path', name] as const]),
    ...(fits(linkName) ? [] : [['linkpath', linkName] as const]),
    ...(uid <= most.id ? [] : [['uid', digits(uid)] as const]),
    ...(gid <= most.id ? [] : [['gid', digits(gid)] as const]),
    ...(size <= most.size ? [] : [['size', digits(size)] as const]),
    ...(seconds >= 0n && seconds <= most.seconds ? [] : [['mtime', digits(seconds)] as const]),
    ...[...xattrs].map(([key, value]) => [`${xattrKey}${key}`, value] as const),
  ]
}

/** Names that are long, or not plain ASCII, stand in a pax header. */
function fits(name: Buffer): boolean {
  return name.length <= 100 && name.every((byte) => byte < 0x80)
}

function digits(value: number | bigint): Buffer {
  return Buffer.from(String(value))
}

function floorSeconds(ns: bigint): bigint {
  return ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n)
}

function renderHeader({ name, type, mode, uid, gid, size, mtimeNs, linkName, ...device }: TarEntry): Buffer {
  const block = Buffer.alloc(blockBytes)
  const seconds = floorSeconds(mtimeNs)
  name.copy(block, 0, 0, 100)
  block.write(octal(mode, 8), 100)
  block.write(octal(uid <= most.id ? uid : 0, 8), 108)
  block.write(octal(gid <= most.id ? gid : 0, 8), 116)
  block.write(octal(size <= most.size ? size : 0, 12), 124)
  block.write(octal(seconds >= 0n && seconds <= most.seconds ? Number(seconds) : 0, 12), 136)
  block.write(type, 156)
  linkName.copy(block, 157, 0, 100)
  block.write('ustar\x0000', 257, 'latin1')
  block.write(octal(device.deviceMajor, 8), 329)
  block.write(octal(device.deviceMinor, 8), 337)
  block.write(`${octal(checksum(block), 7)} `, 148)
  return block
}

/** Digits and a NUL that fill a field of `length` bytes. */
function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`
}
