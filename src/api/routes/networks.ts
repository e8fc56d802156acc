import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import type { NetworkRecord } from '../../network/model.ts'
import { AmbiguousNetwork } from '../../network/networks/find-network.ts'
import type { CreatedNetwork, PruneAnswer } from '../../protocol/answers.ts'
import type { EndpointSettings } from '../../protocol/container.ts'
import {
  type NetworkConnectBody,
  type NetworkCreateBody,
  type NetworkDisconnectBody,
  networkConnectSchema,
  networkCreateSchema,
  networkDisconnectSchema,
} from '../../protocol/network.ts'
import { bodyOf } from '../bodies.ts'
import { networkFilter, networkFilterNames, networkPruneFilterNames, pruneFilter } from '../checks/network-filter.ts'
import { networkRequest } from '../checks/network-request.ts'
import { type PublishOptions, publishOptions } from '../checks/publish-options.ts'
import { parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { isBefore } from '../versions.ts'
import { networkView } from '../views/network.ts'

interface IdRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

/** `/networks`. @source Docker Engine API v1.51, Network */
export const networkRoutes: Routes = (app, { engine }) => {
  const { networks, containers } = engine
  app.get<{ Querystring: Query }>('/networks', async ({ query, apiVersion }) => listNetworks(engine, query, apiVersion))

  app.get<IdRoute>('/networks/:id', async ({ params, query }) => {
    checkVerbose(textOf(query, 'verbose'))
    const network = inspected(networks, params.id)
    const scope = textOf(query, 'scope')
    if (scope !== '' && scope !== network.scope) throw new EngineError('not-found', `network ${params.id} not found`)
    return networkView(network, networks.endpointsOf(network.id), networks.elsewhere(network.id))
  })

  app.post('/networks/create', async (request, reply) => {
    const body = bodyOf<NetworkCreateBody>(request, networkCreateSchema) ?? {}
    const { id, warning } = await networks.create(networkRequest(body, request.apiVersion))
    return reply.code(201).send({ Id: id, Warning: warning } satisfies CreatedNetwork)
  })

  app.delete<IdRoute>('/networks/:id', async ({ params }, reply) => {
    await networks.remove(params.id)
    return reply.code(204).send()
  })

  app.post<IdRoute>('/networks/:id/connect', async (request, reply) => {
    const body = bodyOf<NetworkConnectBody>(request, networkConnectSchema) ?? {}
    const { id, name } = networks.find(request.params.id)
    const options = publishOptions(body.EndpointConfig?.DriverOpts)
    if (options === undefined) await containers.connectNetwork(namedContainer(body), id, endpointOf(request, body))
    else await changePorts(engine, namedContainer(body), name, options)
    return reply.code(200).send()
  })

  app.post<IdRoute>('/networks/:id/disconnect', async (request, reply) => {
    const body = bodyOf<NetworkDisconnectBody>(request, networkDisconnectSchema) ?? {}
    await containers.disconnectNetwork(namedContainer(body), request.params.id, body.Force ?? false)
    return reply.code(200).send()
  })

  const prune = networkPruner(engine)
  app.post<{ Querystring: Query }>('/networks/prune', ({ query }) => prune(query, { dryRun: false, all: false }))
  app.post<{ Querystring: Query }>('/wharf/networks/prune', ({ query }) => {
    return prune(query, { dryRun: flagOf(query, 'dryRun'), all: flagOf(query, 'all') })
  })
}

/** What it would add, the services of a swarm, no network of ours has; its value is checked all the same. */
function checkVerbose(text: string): void {
  if (text === '' || /^([01tTfF]|true|TRUE|True|false|FALSE|False)$/.test(text)) return
  const problem = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`
  throw new EngineError('invalid-argument', `invalid value for verbose: ${text}: ${problem}`)
}

function inspected(networks: Engine['networks'], ref: string): NetworkRecord {
  try {
    return networks.find(ref)
  } catch (error) {
    if (!(error instanceof AmbiguousNetwork)) throw error
    throw new EngineError(error.kind, error.inspectMessage, { cause: error })
  }
}

/** A hardware address is taken from API 1.54 on, whatever clients send before. */
function endpointOf(
  { apiVersion }: { readonly apiVersion: string },
  { EndpointConfig }: NetworkConnectBody,
): EndpointSettings {
  const { MacAddress, ...rest } = EndpointConfig ?? {}
  return { ...rest, ...(MacAddress === undefined || isBefore(apiVersion, '1.54') ? {} : { MacAddress }) }
}

function namedContainer({ Container }: NetworkConnectBody | NetworkDisconnectBody): string {
  if (!Container) throw new EngineError('invalid-argument', 'invalid name or ID supplied: ""')
  return Container
}

/** What `--driver-opt wharf.publish=…` means: nothing is connected, a container that is on the network gets ports. */
async function changePorts(
  { containers }: Engine,
  ref: string,
  network: string,
  { publish, unpublish }: PublishOptions,
): Promise<void> {
  const { name, networks } = containers.find(ref)
  if (!(network in networks)) {
    const state = `it is not on network "${network}": connect it first`
    throw new EngineError('invalid-argument', `Cannot change the published ports of container "${name}": ${state}`)
  }
  if (unpublish.length > 0) await containers.unpublishPorts(ref, unpublish)
  if (Object.keys(publish).length > 0) await containers.publishPorts(ref, publish)
}

function listNetworks({ networks }: Engine, query: Query, version: string) {
  const wanted = networkFilter(parseFilters(textOf(query, 'filters'), networkFilterNames), {
    isPredefined: (name) => networks.isPredefined(name),
    isUsed: (id) => networks.endpointsOf(id).length > 0,
  })
  const withMembers = isBefore(version, '1.28')
  return networks
    .list()
    .filter(wanted)
    .map((network) => networkView(network, withMembers ? networks.endpointsOf(network.id) : []))
}

/** How a prune goes further than Docker's. */
interface PruneOptions {
  /** Only says what would be removed. */
  readonly dryRun: boolean
  /** Networks that only containers name which do not run go as well. */
  readonly all: boolean
}

/** One prune at a time, as Docker has it. */
function networkPruner({ networks, containers, publish }: Engine) {
  let running = false
  return async (query: Query, { dryRun, all }: PruneOptions): Promise<PruneAnswer> => {
    if (running) throw new EngineError('conflict', 'a prune operation is already running')
    const filters = parseFilters(textOf(query, 'filters'), networkPruneFilterNames)
    const wanted = pruneFilter(filters, Date.now())
    running = true
    try {
      const holders = all ? [] : containers.list()
      const named = new Set(holders.flatMap((record) => Object.keys(record.networks)))
      const inUse = new Set(networks.list().flatMap(({ name, id }) => (named.has(name) ? [id] : [])))
      const removable = (network: NetworkRecord) => !networks.isPredefined(network.name) && wanted(network)
      const isUnused = ({ id }: NetworkRecord) => !inUse.has(id) && networks.endpointsOf(id).length === 0
      if (dryRun) {
        const found = networks.list().filter((network) => removable(network) && isUnused(network))
        return { NetworksDeleted: found.map(({ name }) => name) }
      }
      const removed = await networks.prune(removable, inUse)
      publish('network', 'prune', '', { reclaimed: '0' })
      return { NetworksDeleted: removed }
    } finally {
      running = false
    }
  }
}
