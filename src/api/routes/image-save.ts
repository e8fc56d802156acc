import type { FastifyReply } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkPlatform } from '../../image/config/check-platform.ts'
import type { Platform } from '../../image/config/platform.ts'
import { platformOf } from '../checks/platform.ts'
import type { Routes } from '../parts.ts'
import { listOf, type Query } from '../query.ts'
import { sendArchive, untilAnswered } from '../send-archive.ts'

/** `GET /images/get`: one archive of several images. @source Docker Engine API v1.51, ImageGetAll */
export const imageSaveRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/images/get', async ({ query, apiVersion }, reply) => {
    const names = listOf(query, 'names').flatMap((name) => name.split(','))
    if (names.length === 0) throw new EngineError('invalid-argument', 'no images to save: "names" is empty')
    return saveImages(engine, names, platformOf(query, apiVersion, '1.48'), reply)
  })
}

/** Sends an archive of images, all of which must be for the platform, if there is one. */
export async function saveImages(
  engine: Engine,
  names: readonly string[],
  platform: Platform | undefined,
  reply: FastifyReply,
): Promise<undefined> {
  for (const name of platform ? names : []) checkPlatform(engine.images.find(name), platform, name)
  return sendArchive(reply, await engine.images.save(names, untilAnswered(reply)))
}
