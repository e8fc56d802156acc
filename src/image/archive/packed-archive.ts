import { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import type { Child } from '../../kernel/processes/child.ts'

/**
 * tar's status when a file changed while it was read. A blob never changes, but its link count does, when another
 * save begins or ends.
 */
const filesChanged = 1

/**
 * What a tar process packs, as a stream that owns the process and its files.
 *
 * Read to its end, stopped half-way or never read: when it has closed, nothing of them is left.
 */
export class PackedArchive extends Readable {
  readonly #tar: Child
  readonly #cleanup: AsyncDisposable

  /** @param cleanup  ends the process and takes its files away */
  constructor(tar: Child, cleanup: AsyncDisposable) {
    super()
    this.#tar = tar
    this.#cleanup = cleanup
    const { stdout } = tar.process
    stdout.pause()
    stdout.on('data', (piece: Buffer) => this.destroyed || this.push(piece) || stdout.pause())
    tar.end.then(
      ({ status, stderr }) => this.#finish(status, stderr),
      (error: Error) => this.destroy(error),
    )
  }

  #finish(status: number, stderr: string): void {
    if (status <= filesChanged) this.push(null)
    else this.destroy(new EngineError('internal', `Cannot save image: ${stderr.trim() || 'tar was stopped'}`))
  }

  override _read(): void {
    this.#tar.process.stdout.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cleanup[Symbol.asyncDispose]().then(() => done(error), done)
  }
}
