import { type PaxRecords, parsePax, paxNumber, paxSparse, paxTime, sparseRuns, xattrKey } from './pax.ts'
import { badHeader, blockBytes, cutArchive, paddingOf, type SparseRun, type TarEntry } from './tar-entry.ts'
import { readHeader, readSparseBlock, type TarHeader } from './tar-header.ts'

/** Who is told what an archive holds, in its order. */
export interface TarSink {
  entry(entry: TarEntry): void
  /** Bytes of the last entry's content. @param offset  where they belong in the file: sparse files have holes */
  data(chunk: Buffer, offset: number): void
  /** The last entry is whole. */
  entryEnd(): void
}

/** An extended header or a sparse map longer than this is an attack: real ones are a few hundred bytes. */
const maxExtension = 1 << 20

/**
 * Reads a tar archive that comes in pieces: ustar, pax and GNU, sparse files of all kinds.
 *
 * It keeps one header at a time, so its memory does not grow with the archive.
 *
 * @source POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format" and "Storing Sparse Files"
 */
export class TarParser {
  readonly #sink: TarSink
  /** What is being gathered, how much is missing of it, and who takes it when it is all there. */
  #pieces: Buffer[] = []
  #missing: number = blockBytes
  #take: (bytes: Buffer) => void = (block) => this.#header(block)
  /** Content still to pass, the runs that it belongs to, how much of the first one has passed; then filling. */
  #content = 0
  #runs: readonly SparseRun[] = []
  #passedOfRun = 0
  #filling = 0
  /** What extended headers said of the entry to come. */
  #told: PaxRecords = []
  #inside = false
  #ended = false

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** True after the block of zeros that ends an archive: what follows is not looked at. */
  get ended(): boolean {
    return this.#ended
  }

  /** Bytes of filling that the last entry lacks, its content being whole. */
  get due(): number {
    return this.#content > 0 || this.#ended ? 0 : this.#filling
  }

  /** @throws {RangeError} `archive/tar: invalid tar header`; what the sink throws */
  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#ended; ) {
      if (this.#content > 0) at += this.#passContent(chunk, at)
      else if (this.#filling > 0) {
        const passed = Math.min(this.#filling, chunk.length - at)
        this.#filling -= passed
        at += passed
      } else at += this.#gather(chunk, at)
    }
  }

  /** @throws {RangeError} `unexpected EOF` when the archive stops in the middle of an entry */
  end(): void {
    const inside = this.#inside || this.#content > 0 || this.#filling > 0 || this.#pieces.length > 0
    if (inside && !this.#ended) throw cutArchive()
  }

  #want(bytes: number, take: (bytes: Buffer) => void): void {
    this.#inside = true
    this.#missing = bytes
    this.#take = take
  }

  #gather(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + this.#missing)
    this.#missing -= piece.length
    if (this.#missing > 0) {
      this.#pieces.push(Buffer.from(piece))
      return piece.length
    }
    const bytes = this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece])
    const take = this.#take
    this.#pieces = []
    this.#want(blockBytes, (block) => this.#header(block))
    this.#inside = false
    take(bytes)
    return piece.length
  }

  #header(block: Buffer): void {
    const header = readHeader(block)
    if (header === undefined) this.#ended = true
    else if ('xgLK'.includes(header.type)) this.#extension(header)
    else if (header.sparse !== undefined) this.#gnuSparse(header, header.sparse)
    else this.#paxOrPlain(header)
  }

  #extension({ type, stored }: TarHeader): void {
    if (stored > maxExtension) throw new RangeError('archive/tar: header field too long')
    const learn = (bytes: Buffer) => {
      const content = Buffer.from(bytes.subarray(0, stored))
      if (type === 'x') this.#told = [...this.#told, ...parsePax(content)]
      if (type === 'L') this.#told = [...this.#told, ['path', untilNul(content)]]
      if (type === 'K') this.#told = [...this.#told, ['linkpath', untilNul(content)]]
      this.#inside = true // an extension belongs to an entry
    }
    if (stored > 0) this.#want(stored + paddingOf(stored), learn)
  }

  #gnuSparse(header: TarHeader, { runs, continues }: NonNullable<TarHeader['sparse']>): void {
    if (!continues) {
      this.#begin(header, header.stored, runs)
      return
    }
    if (runs.length * 16 > maxExtension) throw new RangeError('archive/tar: header field too long')
    this.#want(blockBytes, (block) => {
      const more = readSparseBlock(block)
      this.#gnuSparse(header, { runs: [...runs, ...more.runs], continues: more.continues })
    })
  }

  #paxOrPlain(header: TarHeader): void {
    const sparse = paxSparse(this.#told)
    const size = this.#told.findLast(([key]) => key === 'size')
    const length = size !== undefined && !'123456'.includes(header.type) ? paxNumber(size[1]) : header.stored
    if (sparse === undefined) this.#begin({ ...header, size: length }, length, [{ offset: 0, length }])
    else if (sparse.runs) this.#begin({ ...header, size: sparse.realSize ?? length }, length, sparse.runs)
    else this.#readPaxMap({ ...header, size: sparse.realSize ?? length }, length, Buffer.of())
  }

  /** Version 1.0: the map stands before the content, as lines of digits, filled up to blocks. */
  #readPaxMap(header: TarHeader, stored: number, before: Buffer): void {
    if (stored < blockBytes || before.length > maxExtension) throw badHeader()
    this.#want(blockBytes, (block) => {
      const text = Buffer.concat([before, block])
      const lines = text.toString('latin1').split('\n')
      const count = paxNumber(Buffer.from(lines[0]!))
      if (count > maxExtension) throw badHeader()
      const left = stored - blockBytes
      if (lines.length - 1 < 1 + count * 2) this.#readPaxMap(header, left, text)
      else
        this.#begin(header, left, sparseRuns(lines.slice(1, 1 + count * 2).map((line) => paxNumber(Buffer.from(line)))))
    })
  }

  #begin(header: TarHeader, stored: number, runs: readonly SparseRun[]): void {
    checkRuns(runs, stored, header.size)
    const entry = entryOf(header, this.#told)
    this.#told = []
    this.#content = stored
    this.#runs = runs.filter(({ length }) => length > 0)
    this.#passedOfRun = 0
    this.#filling = paddingOf(stored)
    this.#sink.entry(entry)
    if (stored === 0) this.#sink.entryEnd()
  }

  #passContent(chunk: Buffer, at: number): number {
    const run = this.#runs[0]!
    const piece = chunk.subarray(at, at + run.length - this.#passedOfRun)
    this.#sink.data(piece, run.offset + this.#passedOfRun)
    this.#passedOfRun += piece.length
    this.#content -= piece.length
    if (this.#passedOfRun === run.length) {
      this.#runs = this.#runs.slice(1)
      this.#passedOfRun = 0
    }
    if (this.#content === 0) this.#sink.entryEnd()
    return piece.length
  }
}

/** Runs must be in order, inside the file, and together as long as what is stored. */
function checkRuns(runs: readonly SparseRun[], stored: number, size: number): void {
  let at = 0
  let sum = 0
  for (const { offset, length } of runs) {
    if (offset < at || offset + length > size) throw badHeader()
    at = offset + length
    sum += length
  }
  if (sum !== stored) throw badHeader()
}

/** What pax says stands over what the header says. */
function entryOf({ stored: _, sparse: __, ...header }: TarHeader, told: PaxRecords): TarEntry {
  const said = new Map(told)
  const number = (key: string) => said.get(key) && paxNumber(said.get(key)!)
  const xattrs = told
    .filter(([key]) => key.startsWith(xattrKey))
    .map(([key, value]) => [key.slice(xattrKey.length), value] as const)
  return {
    ...header,
    name: said.get('GNU.sparse.name') ?? said.get('path') ?? header.name,
    linkName: said.get('linkpath') ?? header.linkName,
    uid: number('uid') ?? header.uid,
    gid: number('gid') ?? header.gid,
    mtimeNs: said.has('mtime') ? paxTime(said.get('mtime')!) : header.mtimeNs,
    xattrs: new Map(xattrs),
  }
}

function untilNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}
