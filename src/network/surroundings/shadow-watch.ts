import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import { isMark } from '../cables/link-marks.ts'
import type { PlacedSubnet } from '../ipam/address-book.ts'
import { formatPrefix } from '../ipam/prefix.ts'
import type { NetworkParts } from '../network-parts.ts'
import { HostLinks } from './host-links.ts'
import type { Routing } from './host-routes.ts'
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
  readonly route: RouteInfo
}

/**
 * Knows the routes of the host that take packets away from networks: a VPN's, mostly.
 *
 * A route costs a look at the networks that it touches, and a new network one at the routes that touch it.
 */
export class ShadowWatch {
  readonly #parts: NetworkParts
  readonly #listener: ShadowListener
  readonly #links: HostLinks
  /** What was looked at last. */
  #seen: Routing | undefined
  /** By network and route. */
  readonly #shadows = new Map<string, Cast>()
  /** Routes that something was heard about. */
  #news = new Map<string, RouteInfo>()

  constructor(parts: NetworkParts, listener: ShadowListener) {
    this.#parts = parts
    this.#listener = listener
    this.#links = new HostLinks(parts.host)
  }

  /** Those that there are now. */
  list(): readonly Shadow[] {
    return Array.from(this.#shadows.values(), ({ shadow }) => shadow)
  }

  /** Nothing that was known is certain any more: the next look is at everything. */
  doubt(): void {
    this.#seen = undefined
    this.#links.doubt()
  }

  /** Hears one change. @returns whether there is something to look at now */
  hear(change: NetworkChange): boolean {
    this.#links.hear(change)
    switch (change.kind) {
      case 'route':
        this.#news.set(routeKey(change.route), change.route)
        return true
      case 'link': {
        if (change.link.up && !change.removed) return false
        // Some routes outlive an interface that is down: the kernel knows which.
        const mayBeCleared = this.#shadows.values().some(({ route }) => route.index === change.link.index)
        if (mayBeCleared) this.#parts.hostRoutes.doubt()
        return mayBeCleared
      }
      case 'address':
        return change.removed && this.#shadows.values().some(({ route }) => route.source === change.address.address)
      case 'rule':
      case 'lost':
        return true
      default:
        return false
    }
  }

  /** Looks at what was heard of. */
  look(): void {
    const routing = this.#parts.hostRoutes.now()
    const news = this.#news
    this.#news = new Map()
    if (routing === this.#seen) for (const route of news.values()) this.#lookAtRoute(routing, route)
    else this.#lookAtAll(routing)
  }

  /** Looks at one network, which may be new; forgets those that are gone meanwhile. */
  lookAtNetwork(networkId: string, routing = this.#parts.hostRoutes.now()): void {
    for (const [key, { shadow }] of this.#shadows) {
      if (this.#parts.table.network(shadow.networkId) === undefined) this.#shadows.delete(key)
    }
    for (const subnet of this.#parts.addresses.subnetsOf(networkId)) {
      for (const route of routing.routes.overlapping(subnet.prefix)) this.#judge(routing, route, subnet)
    }
  }

  #lookAtAll(routing: Routing): void {
    this.#seen = routing
    for (const [key, { route }] of this.#shadows) if (!routing.routes.has(route)) this.#clear(key)
    for (const { id } of this.#parts.table.networks()) this.lookAtNetwork(id, routing)
  }

  #lookAtRoute(routing: Routing, route: RouteInfo): void {
    const block = blockOf(route)
    if (block === undefined) return
    for (const subnet of this.#parts.addresses.overlapping(block)) this.#judge(routing, route, subnet)
  }

  #judge({ routes, rules }: Routing, route: RouteInfo, { networkId, prefix }: PlacedSubnet): void {
    const key = `${networkId} ${routeKey(route)}`
    const isShadowNow = () =>
      !this.#isOwn(networkId, route) && isShadow(route, prefix, planLookUps(rules, prefix.family))
    if (!routes.has(route) || !isShadowNow()) {
      this.#clear(key)
      return
    }
    if (this.#shadows.has(key)) return
    const { to, table, index } = route
    const device = index === undefined ? '' : (this.#links.link(index)?.name ?? '')
    const shadow: Shadow = { networkId, subnet: formatPrefix(prefix), route: to, device, table }
    this.#shadows.set(key, { shadow, route })
    this.#listener.appeared(shadow)
  }

  #clear(key: string): void {
    const cast = this.#shadows.get(key)
    if (cast === undefined) return
    this.#shadows.delete(key)
    this.#listener.cleared(cast.shadow)
  }

  /**
   * True for routes of the network itself, and of what is left for a moment of one that is gone. Packets to a network
   * that sits on the host's own interfaces do not follow its routes: it may well be the LAN that they lead to.
   */
  #isOwn(networkId: string, { index }: RouteInfo): boolean {
    const network = this.#parts.table.network(networkId)
    if (network !== undefined && this.#parts.drivers.parents(network).length > 0) return true
    const link = index === undefined ? undefined : this.#links.link(index)
    if (link === undefined) return false
    const owner = this.#parts.drivers.ownerOf(link.name)
    return owner === undefined ? isMark(link.alias) : owner.id === networkId
  }
}
