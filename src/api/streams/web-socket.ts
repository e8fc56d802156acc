import { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import { type WebSocketFrame, WebSocketParser, webSocketAccept, webSocketHeader } from '../../wire/web-socket.ts'
import { isBefore } from '../versions.ts'
import type { Hijacked } from './hijack.ts'
import { endAndDrain, type Upgrades } from './upgrades.ts'

/** Says goodbye after what was asked for, and after what no client may send. @source RFC 6455 §7.4.1 */
const closeCodes = { normal: Buffer.of(0x03, 0xe8), protocolError: Buffer.of(0x03, 0xea) } as const

/** @throws {EngineError} `invalid-argument` unless the client asks for a web socket */
export function checkWebSocket({ headers }: FastifyRequest): string {
  const key = headers['sec-websocket-key']
  const isAsked = headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-version'] === '13'
  if (isAsked && key !== undefined) return key
  throw new EngineError('invalid-argument', 'not websocket protocol: ask with "Upgrade: websocket", version 13')
}

/** Takes a request's connection over as a web socket. Messages of the client are its input, in whatever pieces. */
export function openWebSocket(upgrades: Upgrades, request: FastifyRequest, reply: FastifyReply): Hijacked {
  const accept = webSocketAccept(checkWebSocket(request))
  const socket = upgrades.take(request.raw)
  if (socket === undefined) throw new EngineError('invalid-argument', 'the connection cannot become a web socket')
  reply.hijack()
  request.countUpgrade()
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
  // Text before: bytes that are none would end the connection of a strict client.
  const stream = new WebSocketStream(socket, isBefore(request.apiVersion, '1.28') ? 'text' : 'binary')
  return { input: stream, output: stream, end: () => stream.end() }
}

/** A web socket as a stream of bytes. Whoever is slow makes the other wait. */
class WebSocketStream extends Duplex {
  readonly #socket: Duplex
  readonly #kind: WebSocketFrame
  #said = false

  constructor(socket: Duplex, kind: 'text' | 'binary') {
    super({ allowHalfOpen: true })
    this.#socket = socket
    this.#kind = kind
    const parser = new WebSocketParser({
      data: (bytes) => {
        if (!this.#said && !this.push(bytes)) socket.pause()
      },
      control: (frame, contents) => this.#control(frame, contents),
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.write(chunk)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        this.#close(closeCodes.protocolError)
      }
    })
    socket.once('end', () => this.push(null))
    socket.once('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.#said || this.#socket.destroyed) {
      done()
      return
    }
    this.#socket.cork()
    this.#socket.write(webSocketHeader(this.#kind, chunk.length))
    this.#socket.write(chunk, () => done())
    this.#socket.uncork()
  }

  override _final(done: () => void): void {
    this.#close(closeCodes.normal)
    done()
  }

  #control(frame: 'close' | 'ping' | 'pong', contents: Buffer): void {
    if (frame === 'ping' && !this.#said) {
      this.#socket.write(Buffer.concat([webSocketHeader('pong', contents.length), contents]))
    }
    if (frame === 'close') this.#close(contents.subarray(0, 2))
  }

  #close(code: Buffer): void {
    if (this.#said) return
    this.#said = true
    this.push(null)
    this.#socket.write(Buffer.concat([webSocketHeader('close', code.length), code]))
    endAndDrain(this.#socket)
  }
}
