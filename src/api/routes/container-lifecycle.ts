import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkContainerName } from '../checks/container-name.ts'
import type { Routes } from '../parts.ts'
import { flagOf, integerOf, type Query, textOf } from '../query.ts'

interface ContainerRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

/** Start, stop, kill, pause, rename, remove: verbs that answer only success or failure. @source Docker Engine API v1.51, Container */
export const containerLifecycleRoutes: Routes = (app, { engine }) => {
  const { containers } = engine
  app.post<ContainerRoute>('/containers/:id/start', async ({ params }, reply) => {
    const started = await containers.start(params.id)
    return reply.code(started ? 204 : 304).send()
  })
  app.post<ContainerRoute>('/containers/:id/stop', async ({ params, query }, reply) => {
    const stopped = await containers.stop(params.id, stopOptions(query))
    return reply.code(stopped ? 204 : 304).send()
  })
  app.post<ContainerRoute>('/containers/:id/restart', async ({ params, query }, reply) => {
    await containers.restart(params.id, stopOptions(query))
    return reply.code(204).send()
  })
  app.post<ContainerRoute>('/containers/:id/kill', async ({ params, query }, reply) => {
    await containers.kill(params.id, textOf(query, 'signal') || 'SIGKILL')
    return reply.code(204).send()
  })
  app.post<ContainerRoute>('/containers/:id/pause', async ({ params }, reply) => {
    await containers.pause(params.id)
    return reply.code(204).send()
  })
  app.post<ContainerRoute>('/containers/:id/unpause', async ({ params }, reply) => {
    await containers.unpause(params.id)
    return reply.code(204).send()
  })
  app.post<ContainerRoute>('/containers/:id/rename', async ({ params, query }, reply) => {
    await rename(engine, params.id, textOf(query, 'name'))
    return reply.code(204).send()
  })
  app.delete<ContainerRoute>('/containers/:id', async ({ params, query }, reply) => {
    const options = { force: flagOf(query, 'force'), volumes: flagOf(query, 'v'), link: flagOf(query, 'link') }
    await containers.remove(params.id, options)
    return reply.code(204).send()
  })
}

function stopOptions(query: Query): { readonly timeoutSeconds?: number; readonly signal?: string } {
  const seconds = integerOf(query, 't')
  const signal = textOf(query, 'signal')
  return { ...(seconds === undefined ? {} : { timeoutSeconds: seconds }), ...(signal === '' ? {} : { signal }) }
}

async function rename({ containers }: Engine, ref: string, name: string): Promise<void> {
  if (name === '') throw new EngineError('invalid-argument', 'Neither old nor new names may be empty')
  const { name: old } = containers.find(ref)
  const wanted = checkContainerName(name)
  if (wanted === old) {
    throw new EngineError('invalid-argument', 'Renaming a container with the same name as its current name')
  }
  await containers.rename(ref, wanted)
}
