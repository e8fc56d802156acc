import type { FastifyRequest } from 'fastify'
import { DetachScanner, parseDetachKeys } from '../../base/detach-keys.ts'
import type { SessionStreams } from '../../container/attach/session.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { Engine } from '../../engine/engine.ts'
import type { ApiParts, Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { streamType } from '../streams/content-types.ts'
import { type Hijacked, hijack } from '../streams/hijack.ts'
import { serveSession } from '../streams/serve-session.ts'
import { logWriter } from './container-logs.ts'

interface AttachRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

type AttachRequest = FastifyRequest<AttachRoute>

/** Takes the client's connection, for a container with a terminal or without. */
type Open = (terminal: boolean, streams: SessionStreams) => Hijacked

/** Attach, by a connection and by a web socket. @source Docker Engine API v1.51, ContainerAttach, ContainerAttachWebsocket */
export const containerAttachRoutes: Routes = (app, parts) => {
  const { upgrades } = parts
  const config = { body: 'stream' }
  app.post<AttachRoute>('/containers/:id/attach', { config }, (request, reply) =>
    attach(parts, request, false, (terminal, { stdin }) => {
      const contentType = streamType(terminal, request.apiVersion)
      return hijack(upgrades, request, reply, { contentType, input: stdin })
    }),
  )
  app.get<AttachRoute>('/containers/:id/attach/ws', async (request, reply) => {
    const { checkWebSocket, openWebSocket } = await import('../streams/web-socket.ts') // few ask for it
    checkWebSocket(request)
    return attach(parts, request, true, () => openWebSocket(upgrades, request, reply))
  })
}

async function attach(
  { engine, log }: ApiParts,
  { params, query }: AttachRequest,
  unframed: boolean,
  open: Open,
): Promise<void> {
  const record = engine.containers.find(params.id)
  const streams = streamsOf(query)
  const terminal = record.config.Tty ?? false
  const keys = parseDetachKeys(textOf(query, 'detachKeys'))
  // The session is there before the client hears of it: what the process says from now on is not lost.
  const session = flagOf(query, 'stream') ? await engine.containers.attach(record.id, streams) : undefined
  publish(engine, 'attach', record)
  const client = open(terminal, streams)
  try {
    if (flagOf(query, 'logs')) await replayLogs(engine, record, { streams, client, plain: terminal || unframed })
    if (session === undefined) return
    const closesStdin = record.config.StdinOnce ?? false
    const detach = terminal ? { detach: new DetachScanner(keys) } : {}
    const how = await serveSession(session, client, { terminal, unframed, closesStdin, ...detach })
    if (how === 'detached') publish(engine, 'detach', record)
  } catch (error) {
    log.error('attach fails', { container: record.id, error: String((error as Error)?.stack ?? error) })
  } finally {
    session?.[Symbol.dispose]()
    client.end()
  }
}

function streamsOf(query: Query): SessionStreams {
  return { stdin: flagOf(query, 'stdin'), stdout: flagOf(query, 'stdout'), stderr: flagOf(query, 'stderr') }
}

async function replayLogs(
  { containers }: Engine,
  { id }: ContainerRecord,
  { streams, client, plain }: { readonly streams: SessionStreams; readonly client: Hijacked; readonly plain: boolean },
): Promise<void> {
  const { stdout, stderr } = streams
  const { output } = client
  const write = logWriter({ terminal: plain, timestamps: false })
  const control = new AbortController()
  output.once('close', () => control.abort())
  const tail = Number.POSITIVE_INFINITY
  const options = { stdout, stderr, follow: false, tail, sinceMs: 0, untilMs: Number.POSITIVE_INFINITY }
  for await (const entries of containers.logs(id, options, control.signal)) {
    if (output.destroyed) return
    if (!output.write(Buffer.concat(entries.map(write)))) await drained(output)
  }
}

function drained(output: Hijacked['output']): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      output.removeListener('drain', go)
      output.removeListener('close', go)
      resolve()
    }
    output.on('drain', go)
    output.on('close', go)
  })
}

function publish(
  engine: Engine,
  action: 'attach' | 'detach',
  { id, name, config, imageReference }: ContainerRecord,
): void {
  engine.publish('container', action, id, { ...config.Labels, image: imageReference, name })
}
