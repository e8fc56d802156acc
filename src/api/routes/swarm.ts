import { EngineError } from '../../base/errors.ts'
import type { Routes } from '../parts.ts'

const swarmPaths = ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'] as const

/**
 * What clients ask when they start, of parts of Docker that are not here: swarm mode and managed plugins. They are told what
 * a Docker without them tells.
 *
 * @source Docker Engine API v1.51, Swarm and Plugin
 */
export const swarmRoutes: Routes = (app) => {
  const refuse = async (): Promise<never> => {
    const advice = 'Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
    throw new EngineError('unavailable', `This node is not a swarm manager. ${advice}`)
  }
  for (const path of swarmPaths) {
    app.get(path, refuse)
    if (path !== '/swarm') app.get(`${path}/:id`, refuse)
  }

  app.put('/volumes/:name', refuse) // only volumes of a swarm can be changed

  app.get('/plugins', async () => [])
  app.get<{ Params: { name: string } }>('/plugins/:name/json', async ({ params }) => {
    throw new EngineError('not-found', `plugin "${params.name}" not found`)
  })
}
