import { gatewayNetwork } from '../drivers/predefined-networks.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { findNetwork } from '../networks/find-network.ts'
import { createNetwork } from '../networks/networks.ts'
import { requestOf } from '../networks/predefined.ts'
import type { EndpointTerms } from '../terms.ts'
import type { Attachment } from './draft-endpoint.ts'
import { isWished } from './gateways.ts'

/** What drivers have decided for a container's endpoint on a network; undefined: nothing yet, or not their business. */
export type TermsOf = (networkId: string) => EndpointTerms | undefined

/** The terms of the endpoints that a container has. */
export function termsIn({ table }: Pick<NetworkParts, 'table'>, containerId: string): TermsOf {
  return (networkId) => table.endpointsOfContainer(containerId).find((one) => one.networkId === networkId)?.terms
}

/**
 * True: a container on these networks has no way out of its own, and is to have one of the engine's. One that is only
 * on internal networks is to have none. Pure.
 *
 * @source moby, libnetwork/default_gateway.go
 */
export function needsGateway(
  { drivers }: Pick<NetworkParts, 'drivers'>,
  networks: readonly NetworkRecord[],
  termsOf: TermsOf = () => undefined,
): boolean {
  const open = networks.filter((network) => !network.internal)
  const traitsOf = (network: NetworkRecord) => drivers.of(network).driver.traits
  const leadsOutside = (network: NetworkRecord) => {
    const terms = termsOf(network.id)
    if (terms !== undefined) return (terms.gateway ?? terms.gateway6 ?? terms.leadsOutside) !== undefined
    return traitsOf(network).providesGateway && network.ipam.configs.some(({ gateway }) => gateway !== undefined)
  }
  const asks = (network: NetworkRecord) => {
    const { hasInterfaces, providesGateway } = traitsOf(network)
    return hasInterfaces && !providesGateway && termsOf(network.id)?.staysInside !== true
  }
  return open.some(asks) && !open.some(leadsOutside)
}

/**
 * Makes the network of the engine's ways out when these networks need it and it is not there: somebody may have removed
 * it, or made one by that name as they like it. The caller holds no container's lock.
 */
export async function prepareGateway(
  parts: NetworkParts,
  networks: readonly NetworkRecord[],
  termsOf?: TermsOf,
): Promise<void> {
  if (!needsGateway(parts, networks, termsOf) || parts.table.networkNamed(gatewayNetwork.name) !== undefined) return
  try {
    await createNetwork(parts, requestOf(gatewayNetwork))
  } catch (error) {
    // Another container needed it at the same moment.
    if (parts.table.networkNamed(gatewayNetwork.name) === undefined) throw error
  }
}

/** Plugs a container into the network of the engine's ways out. @throws {EngineError} `not-found` when it is gone */
export function gatewayAttachment({ table }: Pick<NetworkParts, 'table'>): Attachment {
  const { name } = gatewayNetwork
  const wish = { network: name, aliases: [], links: [], driverOptions: {}, gatewayPriority: 0 }
  return { network: findNetwork(table, name), wish, isGateway: true }
}

/** The networks that a container is on because it wished for them. */
export function wishedNetworks({ table }: Pick<NetworkParts, 'table'>, containerId: string): NetworkRecord[] {
  return table
    .endpointsOfContainer(containerId)
    .filter(isWished)
    .map(({ networkId }) => table.network(networkId))
    .filter((network) => network !== undefined)
}
