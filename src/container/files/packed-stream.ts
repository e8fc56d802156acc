import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { createPipe } from '../../kernel/descriptors.ts'

/** How much a pipe to or from a thread holds. */
export const pipeBytes = 1024 * 1024

/**
 * What a job writes, as a stream. It ends when the job is done, and fails when that fails: an archive that looks whole is.
 *
 * @param held   what the job needs; given back when it is done, or cannot begin
 * @param start  begins the job at once; that closes the descriptor at its end
 */
export async function packedStream(
  held: AsyncDisposable,
  start: (outputFd: number) => Promise<unknown>,
): Promise<Readable> {
  await using stack = new AsyncDisposableStack()
  stack.use(held)
  const pipe = createPipe(pipeBytes)
  const source = new Socket({ fd: pipe.readFd, readable: true, writable: false })
  const needed = stack.move()
  return new PackedStream(
    source,
    start(pipe.writeFd).finally(() => needed.disposeAsync()),
  )
}

class PackedStream extends Readable {
  readonly #source: Socket

  constructor(source: Socket, work: Promise<unknown>) {
    super({ highWaterMark: pipeBytes })
    this.#source = source
    source.pause()
    source.on('data', (piece: Buffer) => this.push(piece) || source.pause())
    source.once('error', (error) => this.destroy(error))
    const ended = new Promise((resolve) => source.once('end', resolve))
    Promise.all([work, ended]).then(
      () => this.push(null),
      (error: Error) => this.destroy(error),
    )
  }

  override _read(): void {
    this.#source.resume()
  }

  /** The job finds its pipe broken, and ends. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.destroy()
    done(error)
  }
}
