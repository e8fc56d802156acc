import { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { EngineError } from '../../base/errors.ts'
import { isBefore } from '../versions.ts'
import type { Hijacked } from './hijack.ts'
import type { Upgrades } from './upgrades.ts'

/** Bytes of one message, which is kept until it is whole; a longer one ends the connection. */
const longestMessage = 16 * 1024 * 1024

const server = new WebSocketServer({
  ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
  maxPayload: longestMessage,
})

/** @throws {EngineError} `invalid-argument` unless the client asks for a web socket. @source RFC 6455 §4.2.1 */
export function checkWebSocket({ headers }: FastifyRequest): void {
  const isAsked = headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-version'] === '13'
  if (isAsked && /^[+/\w]{22}==$/.test(headers['sec-websocket-key'] ?? '')) return
  throw new EngineError('invalid-argument', 'not websocket protocol: ask with "Upgrade: websocket", version 13')
}

/** Takes a request's connection over as a web socket. Messages of the client are its input, in whatever pieces. */
export function openWebSocket(upgrades: Upgrades, request: FastifyRequest, reply: FastifyReply): Hijacked {
  checkWebSocket(request)
  const socket = upgrades.take(request.raw)
  if (!socket?.readable || !socket.writable) {
    throw new EngineError('invalid-argument', 'the connection cannot become a web socket')
  }
  reply.hijack()
  request.countUpgrade()
  const opened: WebSocket[] = []
  server.handleUpgrade(request.raw, socket, Buffer.of(), (webSocket) => opened.push(webSocket)) // it calls at once
  // Text before: bytes that are none would end the connection of a strict client.
  const stream = streamOf(opened[0]!, !isBefore(request.apiVersion, '1.28'))
  return { input: stream, output: stream, end: () => stream.end() }
}

/** A web socket as a stream of bytes. Whoever is slow makes the other wait. */
function streamOf(webSocket: WebSocket, binary: boolean): Duplex {
  const stream = new Duplex({
    read: () => webSocket.resume(),
    write: (chunk, _, done) => webSocket.send(chunk, { binary }, () => done()), // 'close' tells of who went away
    final: (done) => {
      webSocket.close(1000)
      done()
    },
  })
  webSocket.on('message', (data: Buffer) => {
    if (!stream.push(data)) webSocket.pause()
  })
  webSocket.on('error', () => undefined) // ws tells the client what it may not send, and closes
  webSocket.once('close', () => {
    stream.push(null)
    stream.destroy()
  })
  return stream
}
