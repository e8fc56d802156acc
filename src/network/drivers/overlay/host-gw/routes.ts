import type { NetlinkSocket } from '../../../../kernel/netlink/netlink-socket.ts'
import { ensureRoute, findRoute, listRoutes, removeRoute } from '../../../../kernel/netlink/routes.ts'
import { mainTable, routeProtocols } from '../../../../wire/netlink/route.ts'
import { formatPrefix, overlaps, type Prefix, parsePrefix, requirePrefix } from '../../../ipam/prefix.ts'
import type { PeerSpec } from '../../../peers.ts'

/** Where the block of another host is: `10.1.3.0/24` via `192.0.2.3`. */
export interface HostRoute {
  readonly to: string
  readonly via: string
}

/** A route that differs: `held` is in its place. */
export interface RouteDifference {
  readonly to: string
  readonly wanted: string | undefined
  readonly held: string | undefined
}

/** The routes to other hosts' blocks, which the addresses of their endpoints tell by their lengths. Pure. */
export function routesOf(peers: readonly PeerSpec[]): readonly HostRoute[] {
  const routes = peers.flatMap(({ addresses, hostAddress }) =>
    addresses.map((cidr) => ({ to: formatPrefix(requirePrefix(cidr, 'address')), via: hostAddress })),
  )
  return [...new Map(routes.map((route) => [route.to, route])).values()]
}

/** Compares routes by where they lead to. Pure. */
export function compareRoutes(wanted: readonly HostRoute[], held: readonly HostRoute[]): readonly RouteDifference[] {
  const wantedVia = new Map(wanted.map(({ to, via }) => [to, via]))
  const heldVia = new Map(held.map(({ to, via }) => [to, via]))
  return [...new Set([...wantedVia.keys(), ...heldVia.keys()])]
    .map((to) => ({ to, wanted: wantedVia.get(to), held: heldVia.get(to) }))
    .filter(({ wanted: one, held: other }) => one !== other)
}

/** Our routes to other hosts' blocks of a subnet; of all subnets unless one is named. */
export function heldRoutes(netlink: NetlinkSocket, subnet?: Prefix): readonly HostRoute[] {
  return listRoutes(netlink, { family: 'ipv4', table: mainTable })
    .filter(({ protocol }) => protocol === routeProtocols.wharf)
    .map(({ to, via = '' }) => ({ to, via }))
    .filter(({ to }) => subnet === undefined || isInside(to, subnet))
}

function isInside(to: string, subnet: Prefix): boolean {
  const prefix = parsePrefix(to)
  return prefix !== undefined && overlaps(subnet, prefix)
}

/** Makes a block be reached by its host. @returns false when a route of somebody else's is in the way */
export function setRoute(netlink: NetlinkSocket, { to, via }: HostRoute, held: string | undefined): boolean {
  if (held !== undefined && held !== via) dropRoute(netlink, { to, via: held })
  const made = ensureRoute(netlink, { to, via, protocol: 'wharf' })
  return made || heldRoutes(netlink, requirePrefix(to, 'block')).some((route) => route.via === via)
}

/** Removes a route of ours; absent is success. */
export function dropRoute(netlink: NetlinkSocket, { to, via }: HostRoute): void {
  removeRoute(netlink, { to, via, protocol: 'wharf' })
}

/** The gateway that a host is behind; undefined for one on a link of ours, empty for one that nothing leads to. */
export function gatewayTo(netlink: NetlinkSocket, address: string): string | undefined {
  const route = findRoute(netlink, address)
  return route === undefined ? '' : route.via
}
