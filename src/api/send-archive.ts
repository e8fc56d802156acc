import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'

/**
 * Sends an archive; whoever is slow makes it wait. A failure half-way cuts the connection, so that nobody takes the
 * archive for whole.
 */
export async function sendArchive(
  reply: FastifyReply,
  archive: Readable,
  contentType = 'application/x-tar',
): Promise<undefined> {
  const { raw } = reply
  reply.hijack()
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'Content-Type': contentType })
  try {
    await pipeline(archive, raw)
  } catch (error) {
    raw.destroy(error as Error)
  }
  return undefined
}

/** Aborts when the client has its answer, or goes away before. */
export function untilAnswered({ raw }: FastifyReply): AbortSignal {
  const control = new AbortController()
  raw.once('close', () => control.abort())
  return control.signal
}
