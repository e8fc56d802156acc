import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import type { FoundPath } from '../../container/files/job.ts'
import { pathStatHeader } from '../../protocol/files.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { sendArchive, untilAnswered } from '../send-archive.ts'
import { pathStat } from '../views/path-stat.ts'

interface ArchiveRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

/**
 * Files of a container, out and in.
 *
 * @source Docker Engine API v1.51, ContainerArchiveInfo, ContainerArchive, PutContainerArchive
 */
export const containerArchiveRoutes: Routes = (app, { engine }) => {
  const { containers } = engine
  app.head<ArchiveRoute>('/containers/:id/archive', async ({ params, query }, reply) => {
    tellStat(reply, await containers.statPath(params.id, pathOf(query)))
    return reply.code(200).send()
  })

  app.get<ArchiveRoute>('/containers/:id/archive', async ({ params, query }, reply) => {
    const { found, content } = await containers.packPath(params.id, pathOf(query))
    tellStat(reply, found)
    return sendArchive(reply, content)
  })

  const config = { body: 'stream' }
  app.put<ArchiveRoute>('/containers/:id/archive', { config }, async ({ params, query, body }, reply) => {
    const path = pathOf(query)
    if (body === undefined) {
      throw new EngineError('invalid-argument', 'the request has no body: an archive is expected')
    }
    const options = {
      noOverwriteDirNonDir: flagOf(query, 'noOverwriteDirNonDir'),
      copyUidGid: flagOf(query, 'copyUIDGID'),
    }
    await containers.unpackTo(params.id, path, body as Readable, options, untilAnswered(reply))
    return reply.code(200).send()
  })
}

function pathOf(query: Query): string {
  const path = textOf(query, 'path')
  if (path === '') throw new EngineError('invalid-argument', "bad parameter: 'path' cannot be empty")
  if (path.includes('\0')) throw new EngineError('invalid-argument', "bad parameter: 'path' has a NUL byte")
  return path
}

function tellStat(reply: FastifyReply, found: FoundPath): void {
  reply.header(pathStatHeader, Buffer.from(JSON.stringify(pathStat(found))).toString('base64'))
}
