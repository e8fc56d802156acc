import type { EndpointRecord, NetworkRecord } from '../model.ts'

/** An endpoint with its network. */
export interface Candidate {
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord
}

/**
 * A container's endpoints in the order in which they would be its way out.
 *
 * @source docker-behaviour, "Gateway election": not the engine's own, priority, not internal, both families before one, name of the network
 */
export function byGatewayRank(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted(
    (a, b) =>
      Number(a.endpoint.isGateway ?? false) - Number(b.endpoint.isGateway ?? false) ||
      b.endpoint.gatewayPriority - a.endpoint.gatewayPriority ||
      Number(a.network.internal) - Number(b.network.internal) ||
      families(b.endpoint) - families(a.endpoint) ||
      (a.network.name < b.network.name ? -1 : 1),
  )
}

/** The endpoint of each family's default route; they may be on different networks. */
export interface Gateways {
  readonly ipv4?: Candidate
  readonly ipv6?: Candidate
}

/** Elects the ways out of a container. */
export function electGateways(candidates: readonly Candidate[]): Gateways {
  const ranked = byGatewayRank(candidates)
  const ipv4 = ranked.find(({ endpoint }) => hasWayOut(endpoint).ipv4)
  const ipv6 = ranked.find(({ endpoint }) => hasWayOut(endpoint).ipv6)
  return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
}

/** By a gateway, or by the interface itself where it has an address. */
function hasWayOut({ gateway, gateway6, leadsOutside, ipv4, ipv6 }: EndpointRecord) {
  return {
    ipv4: gateway !== undefined || (leadsOutside === true && ipv4 !== undefined),
    ipv6: gateway6 !== undefined || (leadsOutside === true && ipv6 !== undefined),
  }
}

function families(endpoint: EndpointRecord): number {
  const { ipv4, ipv6 } = hasWayOut(endpoint)
  return Number(ipv4) + Number(ipv6)
}

/** False for the engine's own way out, which no container wishes for. */
export function isWished({ isGateway }: EndpointRecord): boolean {
  return isGateway !== true
}
