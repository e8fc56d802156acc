import type { CreatedNetwork, PruneAnswer } from '../protocol/answers.ts'
import type { EndpointSettings } from '../protocol/container.ts'
import type { NetworkCreateBody, NetworkResource } from '../protocol/network.ts'
import { type FilterWords, filterQuery } from './filters.ts'
import type { Transport } from './transport.ts'

/** Lists networks. @source Docker Engine API v1.51, NetworkList */
export function listNetworks(transport: Transport, filters: FilterWords): Promise<NetworkResource[]> {
  return transport.json({ method: 'GET', path: '/networks', query: { filters: filterQuery(filters) } })
}

/** Creates a network. @source Docker Engine API v1.51, NetworkCreate */
export function createNetwork(transport: Transport, body: NetworkCreateBody): Promise<CreatedNetwork> {
  return transport.json({ method: 'POST', path: '/networks/create', body })
}

/** Inspects a network. @source Docker Engine API v1.51, NetworkInspect */
export function inspectNetwork<T>(transport: Transport, ref: string, verbose = false): Promise<T> {
  return transport.json({ method: 'GET', path: at(ref), query: { verbose } })
}

/** Connects a container to a network. @source Docker Engine API v1.51, NetworkConnect */
export function connectNetwork(
  transport: Transport,
  ref: string,
  body: { readonly Container: string; readonly EndpointConfig: EndpointSettings },
): Promise<void> {
  return transport.send({ method: 'POST', path: `${at(ref)}/connect`, body })
}

/** Takes a container off a network. @source Docker Engine API v1.51, NetworkDisconnect */
export function disconnectNetwork(transport: Transport, ref: string, container: string, force: boolean): Promise<void> {
  return transport.send({ method: 'POST', path: `${at(ref)}/disconnect`, body: { Container: container, Force: force } })
}

/** Removes a network. @source Docker Engine API v1.51, NetworkDelete */
export function removeNetwork(transport: Transport, ref: string): Promise<void> {
  return transport.send({ method: 'DELETE', path: at(ref) })
}

/** Removes every network that nobody uses. @source Docker Engine API v1.51, NetworkPrune */
export function pruneNetworks(transport: Transport, filters: FilterWords): Promise<PruneAnswer> {
  return transport.json({ method: 'POST', path: '/networks/prune', query: { filters: filterQuery(filters) } })
}

/**
 * Removes networks that nobody uses, or only says which these are.
 *
 * @param options `all`: also those that only containers name which do not run
 */
export function pruneNetworksAs(
  transport: Transport,
  filters: FilterWords,
  { dryRun, all }: { readonly dryRun: boolean; readonly all: boolean },
): Promise<PruneAnswer> {
  const query = { filters: filterQuery(filters), dryRun: dryRun && 1, all: all && 1 }
  return transport.json({ method: 'POST', path: '/wharf/networks/prune', query })
}

function at(ref: string): string {
  return `/networks/${encodeURIComponent(ref)}`
}
