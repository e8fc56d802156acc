import { type PaxFields, parsePax, readHeader, type TarHeader } from './tar-header.ts'

/** What a layer's tar holds that unpacking has to know. */
export interface TarFacts {
  /** Sum of the sizes of its files. */
  readonly bytes: number
  /** Paths of entries whose last part begins with `.wh.`, as the archive writes them. */
  readonly whiteouts: readonly Buffer[]
}

const block = 512
/** An extended header longer than this is an attack: real ones are a few hundred bytes. */
const maxExtension = 1 << 20

/**
 * Reads the headers of a tar archive that passes by in pieces, and skips over the contents.
 *
 * It keeps one header at a time, so its memory does not grow with the archive (but by the whiteouts).
 *
 * @source POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"
 */
export class TarScan {
  readonly #partial = Buffer.alloc(block)
  #filled = 0
  /** Bytes of content and padding still to pass. */
  #toSkip = 0
  /** An extended header being read: what it is, its pieces, and how many bytes are missing. */
  #extension: { readonly header: TarHeader; readonly pieces: Buffer[]; missing: number } | undefined
  #sparseMapFollows = false
  /** What extended headers said of the entry to come. */
  #told: PaxFields = {}
  #ended = false
  #bytes = 0
  readonly #whiteouts: Buffer[] = []

  /** @throws {RangeError} `archive/tar: invalid tar header` */
  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#ended) {
      if (this.#extension !== undefined && this.#extension.missing > 0) at += this.#takeExtension(chunk.subarray(at))
      else if (this.#toSkip > 0) {
        const passed = Math.min(this.#toSkip, chunk.length - at)
        this.#toSkip -= passed
        at += passed
      } else at += this.#takeHeader(chunk.subarray(at))
    }
  }

  /** @throws {RangeError} `unexpected EOF` when the archive stops in the middle of an entry */
  end(): TarFacts {
    const inside = this.#filled > 0 || this.#toSkip > 0 || this.#extension !== undefined || this.#sparseMapFollows
    if (inside && !this.#ended) throw new RangeError('unexpected EOF')
    return { bytes: this.#bytes, whiteouts: this.#whiteouts }
  }

  #takeHeader(rest: Buffer): number {
    const taken = Math.min(block - this.#filled, rest.length)
    rest.copy(this.#partial, this.#filled, 0, taken)
    this.#filled += taken
    if (this.#filled === block) {
      this.#filled = 0
      if (this.#sparseMapFollows) this.#sparseMapFollows = this.#partial[504] !== 0
      else this.#header(readHeader(this.#partial))
    }
    return taken
  }

  #header(header: TarHeader | undefined): void {
    if (header === undefined) {
      this.#ended = true
      return
    }
    if ('xgLK'.includes(header.type)) {
      if (header.size > maxExtension) throw new RangeError('archive/tar: header field too long')
      this.#extension = { header, pieces: [], missing: header.size }
      this.#toSkip = padding(header.size)
      if (header.size === 0) this.#extension = undefined
      return
    }
    const told = this.#told
    this.#told = {}
    const name = told.path ?? header.name
    const size = header.hasContent ? (told.size ?? header.size) : 0
    this.#sparseMapFollows = header.sparseMapFollows
    this.#toSkip = size + padding(size)
    this.#bytes += told.realSize ?? header.realSize ?? size
    if (lastPart(name).subarray(0, 4).equals(whiteoutPrefix)) this.#whiteouts.push(Buffer.from(name))
  }

  #takeExtension(rest: Buffer): number {
    const extension = this.#extension!
    const taken = Math.min(extension.missing, rest.length)
    extension.pieces.push(Buffer.from(rest.subarray(0, taken)))
    extension.missing -= taken
    if (extension.missing > 0) return taken
    this.#extension = undefined
    const content = Buffer.concat(extension.pieces)
    const { type } = extension.header
    if (type === 'L') this.#told.path = untilNul(content)
    if (type === 'x') this.#told = { ...this.#told, ...parsePax(content) }
    return taken
  }
}

const whiteoutPrefix = Buffer.from('.wh.')

function padding(size: number): number {
  return (block - (size % block)) % block
}

function lastPart(path: Buffer): Buffer {
  let end = path.length
  while (end > 0 && path[end - 1] === 0x2f) end--
  return path.subarray(path.subarray(0, end).lastIndexOf(0x2f) + 1, end)
}

function untilNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}
