import { readSync, writeSync } from 'node:fs'
import { endOfArchive, renderEntry } from '../../../wire/tar/render-entry.ts'
import { paddingOf, type TarEntry } from '../../../wire/tar/tar-entry.ts'

const bufferBytes = 512 * 1024

/** Writes an archive to a pipe, in long runs. A reader that is gone is `EPIPE`. */
export class TarOutput {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(bufferBytes)
  #used = 0

  constructor(fd: number) {
    this.#fd = fd
  }

  /** An entry without content. */
  entry(entry: TarEntry): void {
    this.#write(renderEntry(entry))
  }

  /** A file with its content: as many bytes as the entry says, zeros in place of those that are gone meanwhile. */
  file(entry: TarEntry, fd: number): void {
    this.entry(entry)
    let missing = entry.size
    while (missing > 0) {
      if (this.#used === bufferBytes) this.#flush()
      const read = readSync(fd, this.#buffer, this.#used, Math.min(missing, bufferBytes - this.#used), null)
      if (read === 0) break
      this.#used += read
      missing -= read
    }
    this.#zeros(missing + paddingOf(entry.size))
  }

  end(): void {
    this.#write(endOfArchive)
    this.#flush()
  }

  #zeros(count: number): void {
    for (let missing = count; missing > 0; ) {
      if (this.#used === bufferBytes) this.#flush()
      const length = Math.min(missing, bufferBytes - this.#used)
      this.#buffer.fill(0, this.#used, this.#used + length)
      this.#used += length
      missing -= length
    }
  }

  #write(bytes: Buffer): void {
    if (this.#used + bytes.length > bufferBytes) this.#flush()
    if (bytes.length > bufferBytes) this.#writeAll(bytes)
    else this.#used += bytes.copy(this.#buffer, this.#used)
  }

  #flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  #writeAll(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
  }
}
