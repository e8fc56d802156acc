import { Socket } from 'node:net'
import { acceptSocket } from '../../kernel/sockets/sockets.ts'
import { writeRefusal } from '../../wire/dns/answer.ts'
import { optBytes } from '../../wire/dns/constants.ts'
import { parseQuery } from '../../wire/dns/query.ts'
import type { Answering } from './responder.ts'
import { frame, onFrames } from './tcp-frames.ts'

const connectionsMax = 64
const idleMs = 10_000
/** Answers that a connection may leave unread before it is given up. */
const unreadMax = 2 ** 20
const messageMax = 65_535

/** Answers what comes over the TCP connections of one container. */
export class TcpService implements Disposable {
  readonly #connections = new Set<Socket>()
  readonly #responder: Answering

  constructor(responder: Answering) {
    this.#responder = responder
  }

  /** Takes the connections that wait on a listening descriptor. */
  accept(fd: number): void {
    for (let accepted = acceptSocket(fd); accepted !== undefined; accepted = acceptSocket(fd)) {
      const socket = new Socket({ fd: accepted, readable: true, writable: true })
      if (this.#connections.size < connectionsMax) this.#serve(socket)
      else socket.destroy()
    }
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', () => socket.destroy()) // the client has gone: there is nobody to tell
    socket.setTimeout(idleMs, () => socket.destroy())
    onFrames(socket, (message) => this.#answer(socket, message))
  }

  #answer(socket: Socket, message: Buffer): void {
    const send = (answer: Uint8Array) => {
      if (!socket.writable) return
      socket.write(frame(answer))
      if (socket.writableLength > unreadMax) socket.destroy()
    }
    const query = parseQuery(message, message.length)
    if (query === undefined) socket.destroy()
    else if (typeof query === 'number') send(refusal(message, query))
    else {
      const bytes = Buffer.alloc(messageMax)
      message.copy(bytes)
      const length = this.#responder.answer(bytes, query, messageMax)
      if (length > 0) send(bytes.subarray(0, length))
      else this.#responder.forward(Buffer.from(message), query, messageMax, send)
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#connections) socket.destroy()
  }
}

function refusal(message: Buffer, code: number): Buffer {
  const bytes = Buffer.alloc(Math.max(message.length, 12 + optBytes))
  message.copy(bytes)
  return bytes.subarray(0, writeRefusal(bytes, code))
}
