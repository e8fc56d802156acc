import { type PortReachAnswer, type PublishAnswer, type PublishBody, publishSchema } from '../../protocol/port.ts'
import { bodyOf } from '../bodies.ts'
import { meantPorts } from '../checks/meant-ports.ts'
import { checkPorts } from '../checks/ports.ts'
import type { Routes } from '../parts.ts'
import { type Query, textOf } from '../query.ts'
import { portMap } from '../views/container-ports.ts'
import { reachView } from '../views/port-reach.ts'

interface PortsRoute {
  readonly Params: { readonly id: string }
}

interface PortRoute {
  readonly Params: { readonly id: string; readonly port: string; readonly protocol: string }
  readonly Querystring: Query
}

/** `/wharf/containers/{id}/ports`: published ports, from where they are reached, and changes while it runs. */
export const containerPortRoutes: Routes = (app, { engine: { containers, networks } }) => {
  app.get<PortsRoute>('/wharf/containers/:id/ports', async ({ params }): Promise<PortReachAnswer> => {
    return { Ports: networks.reachOf(containers.find(params.id).id).map(reachView) }
  })

  app.post<PortsRoute>('/wharf/containers/:id/ports', async (request): Promise<PublishAnswer> => {
    const { PortBindings } = bodyOf<PublishBody>(request, publishSchema) ?? {}
    checkPorts({}, { PortBindings: PortBindings ?? {} })
    return { Ports: portMap([], await containers.publishPorts(request.params.id, PortBindings ?? {})) }
  })

  app.delete<PortRoute>('/wharf/containers/:id/ports/:port/:protocol', async ({ params, query }, reply) => {
    await containers.unpublishPorts(params.id, meantPorts(params.port, params.protocol, textOf(query, 'hostPort')))
    return reply.code(204).send()
  })
}
