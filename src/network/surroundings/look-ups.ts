import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import type { RoutingRule } from '../../kernel/netlink/rules.ts'
import type { Family } from '../ipam/prefix.ts'

/** The table that routes are in when nobody says otherwise; those of networks are there. */
export const mainTable = 254

/** One table that a packet's way is looked up in. */
export interface LookUp {
  readonly table: number
  /** Only routes longer than this count; -1: all. */
  readonly beyond: number
}

/**
 * The tables that are asked for everybody's packets, in their order, up to the main one. Pure.
 *
 * Rules for some packets only are left out: what they lead elsewhere is somebody's intention. The other way round,
 * for all but some, is how a VPN takes everything but its own packets.
 */
export function planLookUps(rules: readonly RoutingRule[], family: Family): readonly LookUp[] {
  const lookUps: LookUp[] = []
  for (const { family: ofRule, table, suppressLength, concerns } of rules) {
    if (ofRule !== family || table === undefined || concerns === 'some') continue
    lookUps.push({ table, beyond: suppressLength ?? -1 })
    if (table === mainTable && suppressLength === undefined) break
  }
  return lookUps.length > 0 ? lookUps : [{ table: mainTable, beyond: -1 }]
}

/** Bits of a route's prefix; 0 for the default one. */
export function lengthOf({ to }: Pick<RouteInfo, 'to'>): number {
  return to === 'default' ? 0 : Number(to.slice(to.indexOf('/') + 1))
}

/** The longest prefixes that VPNs cut the whole internet into, in place of a default route. */
const widest: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 3 }

/** True for a route that leads to the outside at large. */
export function isWayOut(route: RouteInfo): boolean {
  return route.type === 'unicast' && lengthOf(route) <= widest[route.family]
}

/** Index of the interface that leads outside, by IPv4 or else by IPv6; undefined when none does. Pure. */
export function findUplink(routes: readonly RouteInfo[], rules: readonly RoutingRule[]): number | undefined {
  const ways = routes.filter((route) => isWayOut(route) && route.index !== undefined)
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const { table, beyond } of planLookUps(rules, family)) {
      const [best] = ways
        .filter((route) => route.family === family && route.table === table && lengthOf(route) > beyond)
        .sort((a, b) => lengthOf(b) - lengthOf(a) || a.metric - b.metric)
      if (best !== undefined) return best.index
    }
  }
  return undefined
}
