/** One thing in a tar archive, with all that its headers say. */
export interface TarEntry {
  /** As the archive writes it: bytes, which need not be UTF-8. */
  readonly name: Buffer
  /** `'0'` file, `'1'` hard link, `'2'` symbolic link, `'3'` and `'4'` devices, `'5'` directory, `'6'` FIFO, or any other. */
  readonly type: string
  /** Permission bits, with set-user-ID and its like. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of the file, with its holes. */
  readonly size: number
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
  /** Where a link leads. */
  readonly linkName: Buffer
  readonly deviceMajor: number
  readonly deviceMinor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
}

/** A run of bytes of a sparse file that is in the archive; between the runs are holes. */
export interface SparseRun {
  readonly offset: number
  readonly length: number
}

/** Bytes of one record; headers and contents are filled up to it. */
export const blockBytes = 512

/** How many bytes of filling follow a content of that size. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

/** What Docker's own reader says of bytes that are no tar archive. */
export function badHeader(): RangeError {
  return new RangeError('archive/tar: invalid tar header')
}

/** What Docker's own reader says of an archive that was cut. */
export function cutArchive(): RangeError {
  return new RangeError('unexpected EOF')
}
