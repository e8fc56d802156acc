import { EngineError } from '../../base/errors.ts'
import type { WaitCondition } from '../../container/containers.ts'
import type { Engine } from '../../engine/engine.ts'
import type { WaitResult } from '../../protocol/container-inspect.ts'
import type { Routes } from '../parts.ts'
import { type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'
import { isBefore } from '../versions.ts'

const conditions: Readonly<Record<string, WaitCondition>> = {
  '': 'not-running',
  'not-running': 'not-running',
  'next-exit': 'next-exit',
  removed: 'removed',
}

/**
 * `POST /containers/{id}/wait`: the headers are sent when the engine watches, so that `docker run` may start the
 * container then; the body when it has ended.
 *
 * @source Docker Engine API v1.51, ContainerWait
 */
export const containerWaitRoutes: Routes = (app, { engine }) => {
  app.post<{ Params: { id: string }; Querystring: Query }>('/containers/:id/wait', async (request, reply) => {
    const { params, query, apiVersion } = request
    const text = textOf(query, 'condition')
    const condition = conditions[text]
    if (condition === undefined) throw new EngineError('invalid-argument', `invalid condition: "${text}"`)
    const { id } = engine.containers.find(params.id)
    await answerStream(new StreamReply(reply, 'application/json'), async (stream) => {
      const result = wait(engine, id, condition, stream.signal)
      if (!isBefore(apiVersion, '1.30')) stream.open()
      await stream.write(`${JSON.stringify(await result)}\n`)
    })
  })
}

async function wait(engine: Engine, id: string, condition: WaitCondition, signal: AbortSignal): Promise<WaitResult> {
  const { exitCode, error } = await engine.containers.wait(id, condition, signal)
  return { StatusCode: exitCode, ...(error ? { Error: { Message: error } } : {}) }
}
