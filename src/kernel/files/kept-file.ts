import { closeSync, openSync, readSync } from 'node:fs'

/** What files are read into, one after the other; it grows with the longest. */
let scratch = Buffer.allocUnsafe(16_384)

/**
 * A small file of the kernel that is read again and again: opened once, read with one system call.
 *
 * @source Documentation/filesystems/seq_file.rst
 */
export class KeptFile implements Disposable {
  readonly #fd: number
  #open = true

  /** @throws {Error} with code `ENOENT`, … */
  constructor(path: string) {
    this.#fd = openSync(path, 'r')
  }

  /** What it says now. @throws {Error} with code `ENODEV` when what it tells of is gone */
  read(): string {
    for (;;) {
      const length = readSync(this.#fd, scratch, 0, scratch.length, 0)
      if (length < scratch.length) return scratch.toString('latin1', 0, length)
      scratch = Buffer.allocUnsafe(2 * scratch.length)
    }
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }
}

/** The file at `path`; undefined when there is none. */
export function keepFileIfThere(path: string): KeptFile | undefined {
  try {
    return new KeptFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
