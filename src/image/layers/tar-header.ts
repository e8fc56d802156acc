/** One 512-byte header of a tar archive. */
export interface TarHeader {
  /** A view into the block it was read from: copy it before the block is used again. */
  readonly name: Buffer
  /** Bytes of content that follow. */
  readonly size: number
  /** `'0'` file, `'5'` directory, `'L'` GNU long name, `'x'` pax attributes, … */
  readonly type: string
  /** False for links, devices and directories, whatever their size field says. */
  readonly hasContent: boolean
  /** GNU sparse files: a further block of the map comes after this one. */
  readonly sparseMapFollows: boolean
  /** GNU sparse files: bytes of the file with its holes. */
  readonly realSize: number | undefined
}

/**
 * Reads one header block; `undefined` for a block of zeros, which ends the archive.
 *
 * ```
 *   0 name 100 | 100 mode, uid, gid | 124 size 12 | 136 mtime | 148 checksum 8 | 156 type 1 | 157 link 100
 * 257 magic 8  | 265 user, group, device           | 345 prefix 155 (POSIX) or GNU's fields
 * ```
 *
 * @throws {RangeError} `archive/tar: invalid tar header` when the checksum does not agree
 * @source POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, src/tar.h
 */
export function readHeader(block: Buffer): TarHeader | undefined {
  const sum = block.reduce((total, byte) => total + byte, 0)
  if (sum === 0) return undefined
  // The checksum counts its own eight bytes as spaces.
  const expected = sum - block.subarray(148, 156).reduce((total, byte) => total + byte, 0) + 8 * 0x20
  if (readNumber(block.subarray(148, 156)) !== expected) throw new RangeError('archive/tar: invalid tar header')
  const type = String.fromCharCode(block[156]!)
  const isGnu = block.toString('latin1', 257, 265) === 'ustar  \0'
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const name = field(block, 0, 100)
  const prefix = isPosix ? field(block, 345, 155) : Buffer.of()
  const isGnuSparse = isGnu && type === 'S'
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    size: readNumber(block.subarray(124, 136)),
    type,
    hasContent: !'123456'.includes(type),
    sparseMapFollows: isGnuSparse && block[482] !== 0,
    realSize: isGnuSparse ? readNumber(block.subarray(483, 495)) : undefined,
  }
}

function field(block: Buffer, at: number, length: number): Buffer {
  const bytes = block.subarray(at, at + length)
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}

/** Octal digits, or, with the top bit set, GNU's big-endian binary. */
function readNumber(bytes: Buffer): number {
  const [first] = bytes
  if ((first! & 0x80) === 0) {
    const digits = /^[ \0]*([0-7]*)/.exec(bytes.toString('latin1'))![1]!
    return digits === '' ? 0 : Number.parseInt(digits, 8)
  }
  const value = bytes.subarray(1).reduce((total, byte) => total * 256 + byte, first! & 0x7f)
  if (!Number.isSafeInteger(value)) throw new RangeError('archive/tar: invalid tar header')
  return value
}

/** What a pax header says in place of the header that follows it. */
export interface PaxFields {
  path?: Buffer
  /** Bytes of content in the archive. */
  size?: number
  /** Bytes of a sparse file with its holes. */
  realSize?: number
}

/**
 * Reads the records of a pax header that matter here: `"<length> <key>=<value>\n"` each.
 *
 * @throws {RangeError} `archive/tar: invalid tar header` when the lengths do not agree
 * @source POSIX.1-2017, pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files"
 */
export function parsePax(content: Buffer): PaxFields {
  const found: PaxFields = {}
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    const equals = content.indexOf(0x3d, space)
    const end = at + length
    if (!(space > at && equals > space && Number.isInteger(length) && end > equals && end <= content.length))
      throw new RangeError('archive/tar: invalid tar header')
    const key = content.toString('latin1', space + 1, equals)
    const value = content.subarray(equals + 1, end - 1)
    if (key === 'path') found.path = value
    if (key === 'size') found.size = paxSize(value.toString('latin1'))
    if (key === 'GNU.sparse.realsize' || key === 'GNU.sparse.size') found.realSize = paxSize(value.toString('latin1'))
    at = end
  }
  return found
}

function paxSize(digits: string): number {
  const size = Number(digits)
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(size)) throw new RangeError('archive/tar: invalid tar header')
  return size
}
