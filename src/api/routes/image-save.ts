import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Routes } from '../parts.ts'
import { listOf, type Query } from '../query.ts'

/** `GET /images/get`: one archive of several images. @source Docker Engine API v1.51, ImageGetAll */
export const imageSaveRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/images/get', async ({ query }, reply) => {
    const names = listOf(query, 'names').flatMap((name) => name.split(','))
    if (names.length === 0) throw new EngineError('invalid-argument', 'no images to save: "names" is empty')
    return saveImages(engine, names, reply)
  })
}

/** Sends an archive. A failure half-way cuts the connection, so that nobody takes the archive for whole. */
export async function saveImages(engine: Engine, names: readonly string[], reply: FastifyReply): Promise<undefined> {
  const { raw } = reply
  const control = new AbortController()
  raw.once('close', () => control.abort())
  const archive = await engine.images.save(names, control.signal)
  reply.hijack()
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'Content-Type': 'application/x-tar' })
  try {
    await pipeline(archive, raw)
  } catch (error) {
    raw.destroy(error as Error)
  }
  return undefined
}
