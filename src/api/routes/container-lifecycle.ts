import { EngineError, type ErrorKind } from '../../base/errors.ts'
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
    const { id } = containers.find(params.id)
    const stopped = await containers
      .stop(id, stopOptions(query))
      .catch(prefix(`cannot stop container: ${params.id}`, 'internal'))
    return reply.code(stopped ? 204 : 304).send()
  })
  app.post<ContainerRoute>('/containers/:id/restart', async ({ params, query }, reply) => {
    const { id } = containers.find(params.id)
    await containers.restart(id, stopOptions(query)).catch(prefix(`Cannot restart container ${params.id}`, 'internal'))
    return reply.code(204).send()
  })
  app.post<ContainerRoute>('/containers/:id/kill', async ({ params, query }, reply) => {
    await containers
      .kill(params.id, textOf(query, 'signal') || 'SIGKILL')
      .catch(prefix(`cannot kill container: ${params.id}`))
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

/** Says what was asked before what went wrong, as Docker does. @param kind  instead of the failure's own */
function prefix(words: string, kind?: ErrorKind): (error: unknown) => never {
  return (cause) => {
    if (!(cause instanceof EngineError)) throw cause
    throw new EngineError(kind ?? cause.kind, `${words}: ${cause.message}`, { cause })
  }
}

async function rename({ containers }: Engine, ref: string, name: string): Promise<void> {
  if (name === '') throw new EngineError('invalid-argument', 'Neither old nor new names may be empty')
  const { id, name: old } = containers.find(ref)
  if (name.replace(/^\//, '') === old) {
    throw new EngineError('invalid-argument', 'Renaming a container with the same name as its current name')
  }
  const renaming = async () => containers.rename(id, checkContainerName(name))
  await renaming().catch(prefix('Error when allocating new name'))
}
