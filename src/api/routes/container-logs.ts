import { EngineError } from '../../base/errors.ts'
import type { LogEntry, LogOptions } from '../../container/containers.ts'
import { encodeFrame } from '../../wire/docker-stream.ts'
import { streamType } from '../content-types.ts'
import type { Routes } from '../parts.ts'
import { flagOf, momentOf, type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'

/** `GET /containers/{id}/logs`. @source Docker Engine API v1.51, ContainerLogs */
export const containerLogRoutes: Routes = (app, { engine }) => {
  app.get<{ Params: { id: string }; Querystring: Query }>('/containers/:id/logs', async (request, reply) => {
    const { params, query, apiVersion } = request
    const options = logOptions(query)
    const { id, config } = engine.containers.find(params.id)
    const terminal = config.Tty ?? false
    const write = logWriter({ terminal, timestamps: flagOf(query, 'timestamps') })
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

/** Turns log entries into what the client reads; a time stands only where a line begins. */
export function logWriter({
  terminal,
  timestamps,
}: {
  readonly terminal: boolean
  readonly timestamps: boolean
}): (entry: LogEntry) => Uint8Array {
  const midLine = { stdout: false, stderr: false }
  return ({ stream, time, bytes }) => {
    const stamped = timestamps && !midLine[stream] ? Buffer.concat([Buffer.from(`${time} `), bytes]) : bytes
    midLine[stream] = bytes.at(-1) !== 10
    return terminal ? stamped : encodeFrame(stream, stamped)
  }
}
