import type { TarEntry } from '../../wire/tar/tar-entry.ts'
import { TarParser } from '../../wire/tar/tar-parser.ts'

/** What a layer's tar holds that unpacking has to know. */
export interface TarFacts {
  /** Sum of the sizes of its files. */
  readonly bytes: number
  /** Paths of entries whose last part begins with `.wh.`, as the archive writes them. */
  readonly whiteouts: readonly Buffer[]
}

/** Looks at a tar archive that passes by in pieces. Its memory does not grow with the archive, but by the whiteouts. */
export class TarScan {
  #bytes = 0
  readonly #whiteouts: Buffer[] = []
  readonly #parser = new TarParser({ entry: (entry) => this.#count(entry), data: () => {}, entryEnd: () => {} })

  /** @throws {RangeError} `archive/tar: invalid tar header` */
  write(chunk: Buffer): void {
    this.#parser.write(chunk)
  }

  /** @throws {RangeError} `unexpected EOF` when the archive stops in the middle of an entry */
  end(): TarFacts {
    this.#parser.end()
    return { bytes: this.#bytes, whiteouts: this.#whiteouts }
  }

  #count({ name, size }: TarEntry): void {
    this.#bytes += size
    if (lastPart(name).subarray(0, 4).equals(whiteoutPrefix)) this.#whiteouts.push(Buffer.from(name))
  }
}

const whiteoutPrefix = Buffer.from('.wh.')

function lastPart(path: Buffer): Buffer {
  let end = path.length
  while (end > 0 && path[end - 1] === 0x2f) end--
  return path.subarray(path.subarray(0, end).lastIndexOf(0x2f) + 1, end)
}
