import { Readable } from 'node:stream'

const bufferBytes = 262_144
/** How long after the exec's end another process that holds its streams is listened to. @source what Docker's daemon waits */
const lingerMs = 2000

/**
 * An exec's output for a client: it ends only when the exit code is known, so that a client that asks for it after
 * the last byte gets it.
 *
 * A client that is slow makes the process wait; without its client, what comes is thrown away, and the process goes on.
 */
export class ExecOutput extends Readable {
  readonly #source: Readable
  readonly #sourceClosed: Promise<void>
  #timer: NodeJS.Timeout | undefined

  /** @param exited  settles when the exit code is known */
  constructor(source: Readable, exited: Promise<unknown>) {
    super({ highWaterMark: bufferBytes })
    this.#source = source
    this.#sourceClosed = new Promise((resolve) => source.once('close', resolve))
    // Read ahead of the client, up to one buffer: what has nothing to say ends although nobody asks.
    source.on('data', (chunk: Buffer) => {
      this.#timer?.refresh()
      if (!this.destroyed && !this.push(chunk)) source.pause()
    })
    // A reset or an EIO at the very end says no more than the end itself.
    source.on('error', () => {})
    void exited.then(() => this.#linger())
    void this.over(exited).then(() => this.push(null))
  }

  /** Settles when the process has ended and nobody writes any more. */
  async over(exited: Promise<unknown>): Promise<void> {
    await Promise.all([exited, this.#sourceClosed])
    clearTimeout(this.#timer)
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.resume()
    done(error)
  }

  /** A process left in the background may hold the stream for ever; a client that is only slow loses nothing. */
  #linger(): void {
    if (this.#source.destroyed) return
    this.#timer = setTimeout(() => {
      if (this.#source.isPaused()) this.#timer?.refresh()
      else this.#source.destroy()
    }, lingerMs)
  }
}

/** The output of a process that has none: it ends with the process. */
export function emptyOutput(exited: Promise<unknown>, text = ''): Readable {
  const output = new Readable({ read() {} })
  if (text !== '') output.push(text)
  void exited.then(() => output.push(null))
  return output
}
