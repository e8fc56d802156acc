import { createConnection, type Socket } from 'node:net'
import { EngineError, KernelError } from '../../base/errors.ts'
import { PortRefused } from '../../resolver/ports/port-refused.ts'
import type { ReplyError, ReplyLine, ResolverRequest } from '../../resolver/protocol.ts'

/** The resolver went away before it answered. What was asked may be asked again: every request is idempotent. */
export class ConnectionLost extends EngineError {
  constructor() {
    super('unavailable', 'Cannot reach the resolver: it went away')
  }
}

/** One conversation with the resolver: requests go out at once, answers come in any order. */
export class ResolverConnection implements Disposable {
  /** Fulfilled when the conversation is over, whoever ended it. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #sequence = 0
  #partial = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', () => socket.destroy()) // told by `closed`
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.values()) reject(new ConnectionLost())
        this.#waiting.clear()
        resolve()
      })
    })
  }

  /** @throws {Error} with code `ENOENT`, `ECONNREFUSED` or `ECONNRESET` when nobody serves there */
  static async dial(path: string): Promise<ResolverConnection> {
    const socket = createConnection(path)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    socket.removeAllListeners('error')
    return new ResolverConnection(socket)
  }

  /** @throws {ConnectionLost}, or what the resolver answers */
  request(request: ResolverRequest): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(new ConnectionLost())
    const seq = ++this.#sequence
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(seq, waiting)
    this.#socket.write(`${JSON.stringify({ ...request, seq })}\n`)
    return waiting.promise
  }

  #read(chunk: string): void {
    const lines = (this.#partial + chunk).split('\n')
    this.#partial = lines.pop()!
    for (const line of lines) {
      const reply = JSON.parse(line) as ReplyLine
      const waiting = this.#waiting.get(reply.seq)
      this.#waiting.delete(reply.seq)
      if ('ok' in reply) waiting?.resolve(reply.ok)
      else waiting?.reject(errorOf(reply.error))
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

function errorOf({ message, errno, port }: ReplyError): Error {
  if (errno === undefined) return new EngineError('internal', message)
  return port ? new PortRefused(port, errno, message) : new KernelError('ask the resolver', errno, message)
}
