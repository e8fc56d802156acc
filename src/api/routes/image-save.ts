import type { FastifyReply } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Routes } from '../parts.ts'
import { listOf, type Query } from '../query.ts'
import { sendArchive, untilAnswered } from '../send-archive.ts'

/** `GET /images/get`: one archive of several images. @source Docker Engine API v1.51, ImageGetAll */
export const imageSaveRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/images/get', async ({ query }, reply) => {
    const names = listOf(query, 'names').flatMap((name) => name.split(','))
    if (names.length === 0) throw new EngineError('invalid-argument', 'no images to save: "names" is empty')
    return saveImages(engine, names, reply)
  })
}

/** Sends an archive of images. */
export async function saveImages(engine: Engine, names: readonly string[], reply: FastifyReply): Promise<undefined> {
  return sendArchive(reply, await engine.images.save(names, untilAnswered(reply)))
}
