import { findLink } from '../../kernel/netlink/links.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import { listRoutes, type RouteInfo } from '../../kernel/netlink/routes.ts'
import { listRules, type RoutingRule } from '../../kernel/netlink/rules.ts'
import type { PlacedSubnet } from '../ipam/address-book.ts'
import { formatPrefix } from '../ipam/prefix.ts'
import type { NetworkParts } from '../network-parts.ts'
import { KnownRoutes } from './known-routes.ts'
import { planLookUps } from './look-ups.ts'
import { blockOf, isShadow, routeKey, type Shadow } from './shadow.ts'

/** Who is told what came and went. */
export interface ShadowListener {
  appeared(shadow: Shadow): void
  cleared(shadow: Shadow): void
}

/** A shadow, and the route that casts it. */
interface Cast {
  readonly shadow: Shadow
  readonly route: string
}

/**
 * Knows the routes of the host that take packets away from networks: a VPN's, mostly.
 *
 * A route costs a look at the networks that it touches, and a new network one at the routes that touch it.
 */
export class ShadowWatch {
  readonly #parts: NetworkParts
  readonly #listener: ShadowListener
  #routes = new KnownRoutes()
  #rules: readonly RoutingRule[] = []
  /** By network and route. */
  readonly #shadows = new Map<string, Cast>()
  /** The last word about each route. */
  #news = new Map<string, { readonly route: RouteInfo; readonly removed: boolean }>()
  #isLost = true

  constructor(parts: NetworkParts, listener: ShadowListener) {
    this.#parts = parts
    this.#listener = listener
  }

  /** Those that there are now. */
  list(): readonly Shadow[] {
    return Array.from(this.#shadows.values(), ({ shadow }) => shadow)
  }

  /** Nothing that was known is certain any more: the next look lists everything. */
  doubt(): void {
    this.#isLost = true
  }

  /** Hears one change. @returns whether there is something to look at now */
  hear(change: NetworkChange): boolean {
    switch (change.kind) {
      case 'route':
        this.#news.set(routeKey(change.route), change)
        return true
      case 'link': {
        if (change.link.up && !change.removed) return false
        const gone = this.#routes.deleteOfLink(change.link.index)
        // Some routes outlive an interface that is down: the kernel knows which.
        const mayBeCleared = gone.size > 0 && this.#shadows.values().some(({ route }) => gone.has(route))
        this.#isLost ||= mayBeCleared
        return mayBeCleared
      }
      case 'rule':
      case 'lost':
        this.#isLost = true
        return true
      default:
        return false
    }
  }

  /** Looks at what was heard of. */
  look(): void {
    const news = this.#news
    this.#news = new Map()
    if (this.#isLost) this.#lookAtAll()
    else for (const { route, removed } of news.values()) this.#lookAtRoute(route, removed)
  }

  /** Looks at one network, which may be new; forgets those that are gone meanwhile. */
  lookAtNetwork(networkId: string): void {
    for (const [key, { shadow }] of this.#shadows) {
      if (this.#parts.table.network(shadow.networkId) === undefined) this.#shadows.delete(key)
    }
    for (const subnet of this.#parts.addresses.subnetsOf(networkId)) {
      for (const route of this.#routes.overlapping(subnet.prefix)) this.#judge(route, subnet)
    }
  }

  #lookAtAll(): void {
    const { host, table } = this.#parts
    this.#isLost = false
    this.#rules = listRules(host)
    const routes = listRoutes(host)
    this.#routes = new KnownRoutes(routes)
    const present = new Set(routes.map(routeKey))
    for (const [key, { route }] of this.#shadows) if (!present.has(route)) this.#clear(key)
    for (const { id } of table.networks()) this.lookAtNetwork(id)
  }

  #lookAtRoute(route: RouteInfo, removed: boolean): void {
    if (removed) this.#routes.delete(route)
    else this.#routes.put(route)
    const block = blockOf(route)
    if (block === undefined) return
    for (const subnet of this.#parts.addresses.overlapping(block)) this.#judge(route, subnet, removed)
  }

  #judge(route: RouteInfo, { networkId, prefix }: PlacedSubnet, removed = false): void {
    const key = `${networkId} ${routeKey(route)}`
    const lookUps = planLookUps(this.#rules, prefix.family)
    if (removed || !isShadow(route, prefix, lookUps) || this.#isOwn(networkId, route)) {
      this.#clear(key)
      return
    }
    if (this.#shadows.has(key)) return
    const { to, table, index } = route
    const device = index === undefined ? '' : (findLink(this.#parts.host, index)?.name ?? '')
    const shadow: Shadow = { networkId, subnet: formatPrefix(prefix), route: to, device, table }
    this.#shadows.set(key, { shadow, route: routeKey(route) })
    this.#listener.appeared(shadow)
  }

  #clear(key: string): void {
    const cast = this.#shadows.get(key)
    if (cast === undefined) return
    this.#shadows.delete(key)
    this.#listener.cleared(cast.shadow)
  }

  /** Asked of the kernel, and seldom: only routes that touch the network come so far. */
  #isOwn(networkId: string, { index }: RouteInfo): boolean {
    const { table, drivers, host } = this.#parts
    const network = table.network(networkId)
    const name = network && drivers.hostInterface(network)
    return name !== undefined && index !== undefined && findLink(host, name)?.index === index
  }
}
