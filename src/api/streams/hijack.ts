import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SessionClient } from './serve-session.ts'
import { endAndDrain, type Upgrades } from './upgrades.ts'

/** What the connection is to be. */
export interface HijackOptions {
  readonly contentType: string
  /** Whether what the client sends is wanted; if not, its end means nothing, and clients send it at once. */
  readonly input: boolean
}

/** A client's connection that carries a process's streams and no more HTTP. */
export interface Hijacked extends SessionClient {
  /** Tells the client that there is no more. */
  end(): void
}

/**
 * Takes a request's connection over. With `Upgrade: tcp` bytes then go both ways; without, the answer is a stream
 * of bytes until it ends, and input is the request's own body, if it has one.
 */
export function hijack(
  upgrades: Upgrades,
  request: FastifyRequest,
  reply: FastifyReply,
  { contentType, input }: HijackOptions,
): Hijacked {
  const socket = upgrades.take(request.raw)
  reply.hijack()
  if (socket !== undefined) {
    request.countUpgrade()
    const lines = Object.entries(reply.getHeaders()).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${lines.join('')}\r\n`,
    )
    if (!input) socket.resume()
    return { ...(input ? { input: socket } : {}), output: socket, end: () => endAndDrain(socket) }
  }
  const { raw } = reply
  raw.useChunkedEncodingByDefault = false // the end of the connection is the end of the stream, as with Docker
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'Content-Type': contentType,
    Connection: 'close',
  })
  raw.flushHeaders()
  raw.on('error', () => raw.destroy())
  const body = request.body as Readable | undefined
  return { ...(input && typeof body?.pipe === 'function' ? { input: body } : {}), output: raw, end: () => raw.end() }
}
