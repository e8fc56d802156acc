import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { CommandError } from '../../build/buildah/failure.ts'
import type { BuildRequest } from '../../build/builder.ts'
import { buildRequest, refuseBuildKit } from '../checks/build-request.ts'
import { cacheFilterNames, cachePruneLimit } from '../checks/cache-filter.ts'
import { parseFilters } from '../filters.ts'
import type { ApiParts, Routes } from '../parts.ts'
import { problemOf } from '../problems.ts'
import { flagOf, integerOf, type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'

type QueryRequest = FastifyRequest<{ Querystring: Query }>

const nothing = { deleted: [], reclaimed: 0 }

/** `POST /build`, the classic builder, and its cache. @source Docker Engine API v1.51, ImageBuild and BuildPrune */
export const buildRoutes: Routes = (app, parts) => {
  app.post<{ Querystring: Query }>('/build', { config: { body: 'stream' } }, async (request, reply) => {
    await build(parts, request, new StreamReply(reply, 'application/json'))
  })
  app.post<{ Querystring: Query }>('/build/prune', async ({ query }) => {
    const { builder } = parts.engine
    const limit = cachePruneLimit(parseFilters(textOf(query, 'filters'), cacheFilterNames), Date.now())
    const bytes = builder.cache().reduce((sum, { size }) => sum + size, 0)
    const isKept = bytes <= Math.max(integerOf(query, 'keep-storage') ?? 0, integerOf(query, 'reserved-space') ?? 0)
    const { deleted, reclaimed } = isKept ? nothing : await builder.prune(limit)
    parts.engine.publish('builder', 'prune', '', { reclaimed: String(reclaimed) })
    return { CachesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed }
  })
  const refuse = async () => refuseBuildKit()
  app.post('/session', { config: { body: 'stream' } }, refuse)
  app.post('/grpc', { config: { body: 'stream' } }, refuse)
}

async function build({ engine }: ApiParts, request: QueryRequest, stream: StreamReply): Promise<void> {
  const { query, headers } = request
  const wish = buildRequest(query, headers['x-registry-config'])
  const quiet = flagOf(query, 'q')
  const tell = (message: object) => stream.write(`${JSON.stringify(message)}\r\n`)
  const silenced = new LastWords()
  const say = (text: string) => (quiet ? silenced.add(text) : tell({ stream: text }))
  await answerStream(
    stream,
    async () => {
      const building = engine.builder.build(wish, bodyStream(request), { stream: say }, stream.signal)
      const id = await building.catch((error: unknown) => {
        for (const text of silenced.take()) void tell({ stream: text })
        throw error
      })
      if (quiet) await tell({ stream: `${id}\n` })
      else await tellResult(tell, id, wish)
    },
    (error) => {
      void tell(failureView(error))
      return true
    },
  )
}

/** What a quiet build says, which is told only when it fails: the end of it, of a bounded length. */
class LastWords {
  #texts: string[] = []
  #length = 0

  add(text: string): undefined {
    this.#texts.push(text)
    this.#length += text.length
    while (this.#length > longestSilence) this.#length -= this.#texts.shift()!.length
  }

  take(): readonly string[] {
    return this.#texts
  }
}

const longestSilence = 1024 * 1024

async function tellResult(tell: (message: object) => unknown, id: string, { tags }: BuildRequest): Promise<void> {
  await tell({ aux: { ID: id } })
  await tell({ stream: `Successfully built ${id.slice('sha256:'.length, 'sha256:'.length + 12)}\n` })
  for (const tag of tags) await tell({ stream: `Successfully tagged ${tag}\n` })
}

function failureView(error: unknown): object {
  const { message } = problemOf(error)
  const code = error instanceof CommandError ? { code: error.code } : {}
  return { errorDetail: { ...code, message }, error: message }
}

const emptyArchive = Buffer.alloc(1024)

/** No body is an empty context, which has no Dockerfile. */
function bodyStream({ body }: QueryRequest): Readable {
  return (body as Readable | undefined) ?? Readable.from([emptyArchive])
}
