import { Transform, type TransformCallback } from 'node:stream'
import { endOfArchive, renderEntry } from '../wire/tar/render-entry.ts'
import { paddingOf, type TarEntry } from '../wire/tar/tar-entry.ts'
import { TarParser, type TarSink } from '../wire/tar/tar-parser.ts'

/**
 * A stream that takes an archive and gives the same with another name at the beginning of all names.
 *
 * @param from  the first part of all names; `"/"` is put before instead of replaced
 */
export function renameEntries(from: string, to: string): Transform {
  return new Renamer(Buffer.from(from === '/' ? '' : from), Buffer.from(to))
}

class Renamer extends Transform implements TarSink {
  readonly #parser = new TarParser(this)
  readonly #from: Buffer
  readonly #to: Buffer
  #size = 0
  #written = 0

  constructor(from: Buffer, to: Buffer) {
    super()
    this.#from = from
    this.#to = to
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#parser.write(chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      this.#parser.end()
      done(null, endOfArchive)
    } catch (error) {
      done(error as Error)
    }
  }

  entry(entry: TarEntry): void {
    const linkName = entry.type === '1' ? this.#rename(entry.linkName) : entry.linkName
    this.push(renderEntry({ ...entry, name: this.#rename(entry.name), linkName }))
    this.#size = entry.size
    this.#written = 0
  }

  data(chunk: Buffer, offset: number): void {
    this.#fill(offset)
    this.push(chunk)
    this.#written += chunk.length
  }

  entryEnd(): void {
    this.#fill(this.#size + paddingOf(this.#size))
  }

  /** Zeros in place of a sparse file's holes, and up to a whole block. */
  #fill(until: number): void {
    for (; this.#written < until; ) {
      const length = Math.min(until - this.#written, 64 * 1024)
      this.push(Buffer.alloc(length))
      this.#written += length
    }
  }

  #rename(name: Buffer): Buffer {
    const { length } = this.#from
    const isFirst = name.subarray(0, length).equals(this.#from)
    const ends = length === 0 || name.length === length || name[length] === 0x2f
    return isFirst && ends ? Buffer.concat([this.#to, name.subarray(length)]) : name
  }
}
