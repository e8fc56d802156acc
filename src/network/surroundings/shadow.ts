import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import { type Family, overlaps, type Prefix, parsePrefix } from '../ipam/prefix.ts'
import { type LookUp, mainTable } from './look-ups.ts'

/** What the kernel gives the route of an interface's own addresses. */
const ownMetric: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 256 }

const leading: ReadonlySet<RouteInfo['type']> = new Set(['unicast', 'local', 'blackhole', 'unreachable', 'prohibit'])

/** True for a route that says where packets for ordinary addresses go. */
export function isLeading({ type }: Pick<RouteInfo, 'type'>): boolean {
  return leading.has(type)
}

/** A route of the host that takes packets away from a network. */
export interface Shadow {
  readonly networkId: string
  /** The network's: `"172.18.0.0/16"`. */
  readonly subnet: string
  /** `"default"`, or a prefix. */
  readonly route: string
  /** Where packets go instead; empty where they go nowhere. */
  readonly device: string
  readonly table: number
}

/** The block of addresses that a route is about. */
export function blockOf({ to, family }: RouteInfo): Prefix | undefined {
  return parsePrefix(to === 'default' ? (family === 'ipv4' ? '0.0.0.0/0' : '::/0') : to)
}

/** Tells routes apart: all that the kernel tells them apart by. */
export function routeKey({ family, to, table, metric, index, via, type }: RouteInfo): string {
  return [family, to, table, metric, index, via, type].join(' ')
}

/**
 * True when packets for some address of `subnet` take `route` instead of the network's own, which is in the main
 * table. Whether it is the network's own is for the caller to know. Pure.
 *
 * @param lookUps of the subnet's family
 */
export function isShadow(route: RouteInfo, subnet: Prefix, lookUps: readonly LookUp[]): boolean {
  const block = blockOf(route)
  if (block === undefined || !isLeading(route) || !overlaps(block, subnet)) return false
  for (const { table, beyond } of lookUps) {
    const counts = table === route.table && block.length > beyond
    if (table === mainTable && subnet.length > beyond) {
      const isPreferred = block.length > subnet.length || route.metric <= ownMetric[subnet.family]
      return counts && block.length >= subnet.length && isPreferred
    }
    if (counts) return true
  }
  return false
}
