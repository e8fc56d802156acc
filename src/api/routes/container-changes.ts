import type { ContainerConfig } from '../../protocol/container.ts'
import { containerCreateSchema } from '../../protocol/container-schema.ts'
import type { CommitAnswer, FilesystemChange } from '../../protocol/files.ts'
import { bodyOf } from '../bodies.ts'
import type { Routes } from '../parts.ts'
import { flagOf, listOf, type Query, textOf } from '../query.ts'
import { sendArchive, untilAnswered } from '../send-archive.ts'

interface ContainerRoute {
  readonly Params: { readonly id: string }
}

const kinds = { modified: 0, added: 1, deleted: 2 } as const

/** What became of a container's files. @source Docker Engine API v1.51, ContainerChanges, ContainerExport, ImageCommit */
export const containerChangeRoutes: Routes = (app, { engine }) => {
  const { containers } = engine
  app.get<ContainerRoute>('/containers/:id/changes', async ({ params }): Promise<FilesystemChange[]> => {
    const changes = await containers.changes(params.id)
    return changes.map(({ path, kind }) => ({ Path: path, Kind: kinds[kind] }))
  })

  app.get<ContainerRoute>('/containers/:id/export', async ({ params }, reply) => {
    return sendArchive(reply, await containers.export(params.id), 'application/octet-stream')
  })

  app.post<{ Querystring: Query }>('/commit', async (request, reply) => {
    const { query } = request
    const config = bodyOf<ContainerConfig>(request, containerCreateSchema)
    const [repo, tag] = [textOf(query, 'repo'), textOf(query, 'tag')]
    const options = {
      ...(repo && { reference: tag ? `${repo}:${tag}` : repo }),
      author: textOf(query, 'author'),
      comment: textOf(query, 'comment'),
      changes: listOf(query, 'changes'),
      // Whoever does not ask for it gets it too: a file that is written meanwhile would be torn.
      pause: textOf(query, 'pause') === '' || flagOf(query, 'pause'),
      ...(config && Object.keys(config).length > 0 && { config }),
    }
    const id = await containers.commit(textOf(query, 'container'), options, untilAnswered(reply))
    return reply.code(201).send({ Id: id } satisfies CommitAnswer)
  })
}
