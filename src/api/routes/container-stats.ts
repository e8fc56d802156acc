import { EngineError } from '../../base/errors.ts'
import type { ContainerStats } from '../../container/stats/measurement.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'
import { isBefore } from '../versions.ts'
import { statsView } from '../views/stats.ts'

/** `GET /containers/{id}/stats`: one JSON object a line. @source Docker Engine API v1.51, ContainerStats */
export const containerStatsRoutes: Routes = (app, { engine }) => {
  /** What several clients are told of the same moment is written once. */
  const lines = new WeakMap<ContainerStats, string>()
  app.get<{ Params: { id: string }; Querystring: Query }>('/containers/:id/stats', async (request, reply) => {
    const { params, query, apiVersion } = request
    const stream = textOf(query, 'stream') === '' || flagOf(query, 'stream')
    const once = flagOf(query, 'one-shot') && !isBefore(apiVersion, '1.41')
    const { id } = engine.containers.find(params.id)
    if (stream && once) throw new EngineError('invalid-argument', 'cannot have stream=true and one-shot=true')
    const { memoryBytes } = await engine.facts()
    const lineOf = (stats: ContainerStats): string => {
      const line = lines.get(stats) ?? `${JSON.stringify(statsView(stats, memoryBytes))}\n`
      lines.set(stats, line)
      return line
    }
    await answerStream(new StreamReply(reply, 'application/json'), async (answer) => {
      const manner = stream ? 'stream' : once ? 'once' : 'compared'
      if (stream) answer.open()
      // A client that does not read is waited for, and misses what happens meanwhile.
      for await (const stats of engine.containers.stats(id, manner, answer.signal)) await answer.write(lineOf(stats))
    })
  })
}
