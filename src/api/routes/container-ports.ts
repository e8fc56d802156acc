import { EngineError } from '../../base/errors.ts'
import { type PortReachAnswer, type PublishAnswer, type PublishBody, publishSchema } from '../../protocol/port.ts'
import { bodyOf } from '../bodies.ts'
import { checkPorts } from '../checks/ports.ts'
import type { Routes } from '../parts.ts'
import { integerOf, type Query } from '../query.ts'
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

  app.post<PortsRoute>(
    '/wharf/containers/:id/ports',
    { schema: { body: publishSchema } },
    async (request): Promise<PublishAnswer> => {
      const { PortBindings } = bodyOf<PublishBody>(request, publishSchema) ?? {}
      checkPorts({}, { PortBindings: PortBindings ?? {} })
      return { Ports: portMap([], await containers.publishPorts(request.params.id, PortBindings ?? {})) }
    },
  )

  app.delete<PortRoute>('/wharf/containers/:id/ports/:port/:protocol', async ({ params, query }, reply) => {
    const key = `${params.port}/${params.protocol.toLowerCase()}`
    if (!/^\d{1,5}\/(tcp|udp|sctp)$/.test(key)) {
      throw new EngineError('invalid-argument', `invalid port specification: "${key}"`)
    }
    const hostPort = integerOf(query, 'hostPort')
    await containers.unpublishPort(params.id, { key, ...(hostPort === undefined ? {} : { hostPort }) })
    return reply.code(204).send()
  })
}
