import { EngineError } from '../../base/errors.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterNode } from '../../cluster/model.ts'
import type { Networking } from '../../network/networking.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query } from '../query.ts'
import { nodeInspectView, nodeView } from '../views/nodes.ts'
import { overlayView } from '../views/overlay.ts'

interface NodeRoute {
  readonly Params: { readonly ref: string }
  readonly Querystring: Query
}

/** `/wharf/nodes`, `/wharf/overlay/doctor` and `/wharf/overlay/rotate-key`: the hosts that share networks; Docker has no such thing without swarm. */
export const nodeRoutes: Routes = (app, { engine }) => {
  app.get('/wharf/nodes', async () => {
    const cluster = requireCluster(engine.cluster)
    return cluster.nodes().map((node) => nodeView(node, cluster.self.id))
  })

  app.get<NodeRoute>('/wharf/nodes/:ref', async ({ params }) => {
    const cluster = requireCluster(engine.cluster)
    return nodeInspectView(cluster, engine.networks, findNode(cluster, params.ref))
  })

  app.get<{ readonly Querystring: Query }>('/wharf/overlay/doctor', async ({ query }) => {
    requireCluster(engine.cluster)
    const { network } = query
    const id =
      typeof network === 'string' && network !== '' ? sharedNetwork(engine.networks, network, 'examine') : undefined
    return overlayView((await engine.networks.examineShared(id))!)
  })

  app.post<{ readonly Querystring: Query }>('/wharf/overlay/rotate-key', async ({ query }) => {
    requireCluster(engine.cluster)
    const id = sharedNetwork(engine.networks, String(query['network'] ?? ''), 'change the key of')
    return { Network: id, WaitsFor: await engine.networks.rotateSecret(id)! }
  })

  app.delete<NodeRoute>('/wharf/nodes/:ref', async ({ params, query }, reply) => {
    const cluster = requireCluster(engine.cluster)
    // One that was removed half-way is known by its endpoints only: then the whole id is needed.
    const id = /^[0-9a-f]{64}$/.test(params.ref) ? params.ref : findNode(cluster, params.ref).id
    await cluster.removeNode(id, { force: flagOf(query, 'force') })
    return reply.code(204).send()
  })
}

function requireCluster(cluster: Cluster | undefined): Cluster {
  if (cluster !== undefined) return cluster
  const how = 'start it with --cluster-store and --cluster-advertise'
  throw new EngineError('unavailable', `This engine shares no networks with other hosts: ${how}`)
}

/** @throws {EngineError} `invalid-argument` for a network of this host alone */
function sharedNetwork(networks: Networking, ref: string, what: string): string {
  const { id, name, shared } = networks.find(ref)
  if (shared !== undefined) return id
  throw new EngineError('invalid-argument', `Cannot ${what} network "${name}": it is of this host alone`)
}

/** By id, name, or the beginning of the id; what is not exact must be the only one. */
function findNode(cluster: Cluster, ref: string): ClusterNode {
  const nodes = cluster.nodes()
  const exact = nodes.find(({ id }) => id === ref)
  if (exact !== undefined) return exact
  const named = nodes.filter(({ name }) => name === ref)
  const found = named.length > 0 ? named : nodes.filter(({ id }) => ref !== '' && id.startsWith(ref))
  if (found.length > 1)
    throw new EngineError('invalid-argument', `node ${ref} is ambiguous (${found.length} matches found)`)
  return found[0] ?? refuse(ref)
}

function refuse(ref: string): never {
  throw new EngineError('not-found', `node ${ref} not found`)
}
