import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import { fetchArchive } from '../../image/archive/fetch-archive.ts'
import type { ProgressLine } from '../../image/images.ts'
import { registryAuthOf } from '../checks/registry-auth.ts'
import type { ApiParts, Routes } from '../parts.ts'
import { answerProgress } from '../progress.ts'
import { flagOf, listOf, type Query, textOf } from '../query.ts'
import { StreamReply } from '../stream-reply.ts'

type QueryRequest = FastifyRequest<{ Querystring: Query }>

/** Images that come in: pull, import, load. @source Docker Engine API v1.51, ImageCreate and ImageLoad */
export const imageLoadRoutes: Routes = (app, parts) => {
  const config = { body: 'stream' }
  app.post<{ Querystring: Query }>('/images/create', { config }, async (request, reply) => {
    const stream = new StreamReply(reply, 'application/json')
    if (textOf(request.query, 'fromImage') !== '') await pull(parts, request, stream)
    else await importImage(parts, request, stream)
  })
  app.post<{ Querystring: Query }>('/images/load', { config }, async (request, reply) => {
    await load(parts, request, new StreamReply(reply, 'application/json'))
  })
}

async function pull({ engine }: ApiParts, request: QueryRequest, stream: StreamReply): Promise<void> {
  const { query, headers } = request
  const [name, tag] = [textOf(query, 'fromImage'), textOf(query, 'tag')]
  const platform = textOf(query, 'platform')
  const auth = registryAuthOf(headers['x-registry-auth'])
  const options = { ...(auth ? { auth } : {}), ...(platform ? { platform } : {}) }
  await answerProgress(stream, async (report) => {
    if (tag === '' && isNameOnly(name)) await engine.images.pullAll(name, options, report, stream.signal)
    else await engine.images.pull(joinReference(name, tag), options, report, stream.signal)
  })
}

/** `"busybox"`, `"1.36"` is `"busybox:1.36"`; a tag that is a digest is joined by `@`. */
function joinReference(name: string, tag: string): string {
  if (tag !== '') return `${name}${tag.includes(':') ? '@' : ':'}${tag}`
  return isNameOnly(name) ? `${name}:latest` : name
}

/** Neither tag nor digest: a colon before the last slash is of a port. */
function isNameOnly(name: string): boolean {
  return !/[:@]/.test(name.slice(name.lastIndexOf('/') + 1))
}

async function importImage({ engine }: ApiParts, request: QueryRequest, stream: StreamReply): Promise<void> {
  const { query } = request
  const source = textOf(query, 'fromSrc')
  const repo = textOf(query, 'repo')
  const message = textOf(query, 'message') || `Imported from ${source}`
  const platform = textOf(query, 'platform')
  const options = {
    changes: listOf(query, 'changes'),
    ...(repo ? { reference: joinReference(repo, textOf(query, 'tag')) } : {}),
    message,
    ...(platform ? { platform } : {}),
  }
  const body = source === '-' ? bodyStream(request) : undefined
  await answerProgress(stream, async (report) => {
    const tar = body ?? (await download(source, report, stream.signal))
    const { id } = await engine.images.importRootfs(tar, options, stream.signal)
    report({ status: id })
  })
}

async function download(source: string, report: (line: ProgressLine) => void, signal: AbortSignal): Promise<Readable> {
  const { url, archive } = await fetchArchive(source, signal)
  report({ status: `Downloading from ${url}` })
  return archive
}

async function load({ engine }: ApiParts, request: QueryRequest, stream: StreamReply): Promise<void> {
  const quiet = flagOf(request.query, 'quiet')
  const archive = bodyStream(request)
  await answerProgress(stream, async (report) => {
    // What was loaded is told in `stream` lines; the rest is progress.
    const told = (line: ProgressLine) => {
      if (!quiet || line.stream !== undefined) report(line)
    }
    await engine.images.load(archive, told, stream.signal)
  })
}

function bodyStream({ body }: QueryRequest): Readable {
  if (body === undefined) throw new EngineError('invalid-argument', 'the request has no body: an archive is expected')
  return body as Readable
}
