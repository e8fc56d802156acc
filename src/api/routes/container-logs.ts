import { EngineError } from '../../base/errors.ts'
import type { LogEntry, LogOptions } from '../../container/containers.ts'
import { logSettingsOf } from '../../container/create/new-container.ts'
import { detailsText, logAttributes } from '../../container/logging/log-attributes.ts'
import type { ContainerRecord } from '../../container/model.ts'
import { encodeFrame } from '../../wire/docker-stream.ts'
import type { Routes } from '../parts.ts'
import { flagOf, momentOf, type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'
import { streamType } from '../streams/content-types.ts'

/** `GET /containers/{id}/logs`. @source Docker Engine API v1.51, ContainerLogs */
export const containerLogRoutes: Routes = (app, { engine }) => {
  app.get<{ Params: { id: string }; Querystring: Query }>('/containers/:id/logs', async (request, reply) => {
    const { params, query, apiVersion } = request
    const options = logOptions(query)
    const record = engine.containers.find(params.id)
    const { id, config } = record
    const terminal = config.Tty ?? false
    const details = flagOf(query, 'details') ? detailsOf(record) : ''
    const write = logWriter({ terminal, timestamps: flagOf(query, 'timestamps'), details })
    await answerStream(new StreamReply(reply, streamType(terminal, apiVersion)), async (stream) => {
      const entries = engine.containers.logs(id, options, stream.signal)
      if (options.follow) stream.open()
      for await (const some of entries) await stream.write(Buffer.concat(some.map(write)))
    })
  })
}

/** What a client wants of a log. @throws {EngineError} `invalid-argument` in Docker's words */
function logOptions(query: Query): LogOptions {
  const stdout = flagOf(query, 'stdout')
  const stderr = flagOf(query, 'stderr')
  if (!stdout && !stderr) {
    throw new EngineError('invalid-argument', 'Bad parameters: you must choose at least one stream')
  }
  const tail = textOf(query, 'tail')
  return {
    stdout,
    stderr,
    follow: flagOf(query, 'follow'),
    tail: /^\d{1,15}$/.test(tail) ? Number(tail) : Number.POSITIVE_INFINITY, // "all", and what is no number
    sinceMs: momentOf(query, 'since') ?? 0,
    untilMs: momentOf(query, 'until') ?? Number.POSITIVE_INFINITY,
  }
}

/** What stands before each line: the driver `local` keeps no attributes. */
function detailsOf(record: ContainerRecord): string {
  const { Type, Config } = logSettingsOf(record.hostConfig)
  return detailsText(Type === 'json-file' ? logAttributes(record, Config) : {})
}

/** Turns log entries into what the client reads; a time, and details, stand only where a line begins. */
export function logWriter({
  terminal,
  timestamps,
  details = '',
}: {
  readonly terminal: boolean
  readonly timestamps: boolean
  readonly details?: string
}): (entry: LogEntry) => Uint8Array {
  const midLine = { stdout: false, stderr: false }
  const isPlain = !timestamps && details === ''
  return ({ stream, time, bytes }) => {
    const before = isPlain || midLine[stream] ? '' : `${timestamps ? `${time} ` : ''}${details}`
    const stamped = before === '' ? bytes : Buffer.concat([Buffer.from(before), bytes])
    midLine[stream] = bytes.at(-1) !== 10
    return terminal ? stamped : encodeFrame(stream, stamped)
  }
}
