import { badHeader, type SparseRun, type TarEntry } from './tar-entry.ts'

/** One 512-byte header of a tar archive. */
export interface TarHeader extends Omit<TarEntry, 'xattrs'> {
  /** Bytes of content that follow in the archive. */
  readonly stored: number
  /** Set for GNU sparse files: the runs so far, and whether a further block of the map comes after this one. */
  readonly sparse?: { readonly runs: readonly SparseRun[]; readonly continues: boolean }
}

/**
 * Reads one header block; `undefined` for a block of zeros, which ends the archive.
 *
 * ```
 *   0 name 100 | 100 mode, uid, gid | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1 | 157 link 100
 * 257 magic 8  | 265 user, group 32 | 329 device major, minor 8  | 345 prefix 155 (POSIX) or GNU's fields
 * ```
 *
 * @throws {RangeError} `archive/tar: invalid tar header` when the checksum does not agree
 * @source POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, src/tar.h
 */
export function readHeader(block: Buffer): TarHeader | undefined {
  const sum = checksum(block)
  if (sum === blankChecksum && block.every((byte) => byte === 0)) return undefined
  if (readNumber(block.subarray(148, 156)) !== sum) throw badHeader()
  const name = readName(block)
  const type = readType(block, name)
  const size = readNumber(block.subarray(124, 136))
  const isGnuSparse = type === 'S' && block.toString('latin1', 257, 265) === 'ustar  \0'
  const hasContent = !'123456'.includes(type)
  return {
    name,
    type: isGnuSparse ? '0' : type,
    mode: readNumber(block.subarray(100, 108)) & 0o7777,
    uid: readNumber(block.subarray(108, 116)),
    gid: readNumber(block.subarray(116, 124)),
    size: isGnuSparse ? readNumber(block.subarray(483, 495)) : hasContent ? size : 0,
    stored: hasContent ? size : 0,
    mtimeNs: BigInt(readNumber(block.subarray(136, 148))) * 1_000_000_000n,
    linkName: Buffer.from(field(block, 157, 100)),
    deviceMajor: readNumber(block.subarray(329, 337)),
    deviceMinor: readNumber(block.subarray(337, 345)),
    ...(isGnuSparse && { sparse: { runs: readGnuRuns(block, 386, 4), continues: block[482] !== 0 } }),
  }
}

/** Reads a further block of a GNU sparse map. @source GNU tar, src/tar.h, `struct sparse_header` */
export function readSparseBlock(block: Buffer): NonNullable<TarHeader['sparse']> {
  return { runs: readGnuRuns(block, 0, 21), continues: block[504] !== 0 }
}

/** The sum that a header of zeros would have: the checksum counts its own eight bytes as spaces. */
const blankChecksum = 8 * 0x20

/** The sum of all bytes of a header, its own field taken as spaces. */
export function checksum(block: Buffer): number {
  let sum = blankChecksum
  for (let at = 0; at < 148; at++) sum += block[at]!
  for (let at = 156; at < 512; at++) sum += block[at]!
  return sum
}

function readName(block: Buffer): Buffer {
  const name = field(block, 0, 100)
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? field(block, 345, 155) : Buffer.of()
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : Buffer.from(name)
}

/** The oldest archives have no type for directories: their names end in a slash. */
function readType(block: Buffer, name: Buffer): string {
  const type = block[156]!
  if (type === 0) return name.at(-1) === 0x2f ? '5' : '0'
  return type === 0x37 ? '0' : String.fromCharCode(type)
}

function readGnuRuns(block: Buffer, at: number, count: number): SparseRun[] {
  const runs: SparseRun[] = []
  for (let index = 0; index < count; index++) {
    const entry = block.subarray(at + index * 24, at + index * 24 + 24)
    if (entry[0] === 0) break
    runs.push({ offset: readNumber(entry.subarray(0, 12)), length: readNumber(entry.subarray(12, 24)) })
  }
  return runs
}

function field(block: Buffer, at: number, length: number): Buffer {
  const bytes = block.subarray(at, at + length)
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}

/** Octal digits, or, with the top bit set, GNU's big-endian binary, which may be negative. */
function readNumber(bytes: Buffer): number {
  const first = bytes[0]!
  if ((first & 0x80) === 0) {
    const digits = /^[ \0]*([0-7]*)/.exec(bytes.toString('latin1'))![1]!
    return digits === '' ? 0 : Number.parseInt(digits, 8)
  }
  const start = first & 0x40 ? -1 : 0
  const value = bytes.subarray(1).reduce((total, byte) => total * 256 + byte, start === 0 ? first & 0x3f : start)
  if (!Number.isSafeInteger(value)) throw badHeader()
  return value
}
