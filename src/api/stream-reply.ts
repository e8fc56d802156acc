import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { hangUpGently } from './hang-up.ts'

/**
 * An answer that is written bit by bit. Until it is opened the route may still throw and be answered as JSON.
 *
 * `signal` aborts when the client goes away.
 */
export class StreamReply {
  readonly signal: AbortSignal
  readonly #reply: FastifyReply
  readonly #raw: ServerResponse
  readonly #headers: Readonly<Record<string, string>>
  #opened = false

  constructor(reply: FastifyReply, contentType: string, headers: Readonly<Record<string, string>> = {}) {
    this.#reply = reply
    this.#raw = reply.raw
    this.#headers = { 'Content-Type': contentType, ...headers }
    const control = new AbortController()
    this.signal = control.signal
    this.#raw.once('close', () => control.abort())
  }

  /** Status and headers are sent: what goes wrong from now on can only be told in the stream. */
  get opened(): boolean {
    return this.#opened
  }

  /** Sends status and headers at once, without waiting for the first bytes. */
  open(): void {
    if (this.#opened) return
    this.#opened = true
    const { statusCode } = this.#reply
    const headers = this.#reply.getHeaders() as Record<string, string>
    this.#reply.hijack()
    this.#raw.writeHead(statusCode, { ...headers, ...this.#headers })
    this.#raw.flushHeaders()
  }

  /** Writes; what is written in one turn of the event loop leaves together. Wait for the answer when there is one. */
  write(bytes: string | Uint8Array): Promise<void> | undefined {
    this.open()
    const raw = this.#raw
    if (raw.destroyed) throw this.signal.reason
    if (raw.writableCorked === 0) {
      raw.cork()
      process.nextTick(() => raw.uncork())
    }
    if (raw.write(bytes)) return undefined
    return new Promise((resolve) => {
      const go = () => {
        raw.removeListener('drain', go)
        raw.removeListener('close', go)
        resolve()
      }
      raw.on('drain', go)
      raw.on('close', go)
    })
  }

  end(): void {
    this.open()
    const { raw: request } = this.#reply.request
    if (!request.complete) hangUpGently(request.socket)
    this.#raw.end()
  }

  /** Cuts the connection, so that the client sees that the answer is not whole. */
  cut(): void {
    this.#raw.destroy()
  }
}

/**
 * Answers with a stream. A failure before the first bytes is an ordinary error; one after them goes to `tellFailure`,
 * which may put it into the stream, else the connection is cut.
 */
export async function answerStream(
  stream: StreamReply,
  work: (stream: StreamReply) => Promise<void>,
  tellFailure: (error: unknown) => boolean = () => false,
): Promise<void> {
  try {
    await work(stream)
    stream.end()
  } catch (error) {
    if (!stream.opened) throw error
    if (stream.signal.aborted) return // the client has left: nobody is there to tell
    if (tellFailure(error)) stream.end()
    else stream.cut()
  }
}
