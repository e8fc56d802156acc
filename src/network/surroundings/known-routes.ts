import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import type { Prefix } from '../ipam/prefix.ts'
import { PrefixIndex } from '../ipam/prefix-index.ts'
import { blockOf, routeKey } from './shadow.ts'

/** The routes of the host, by what they are about and by their interface. */
export class KnownRoutes {
  readonly #byBlock = new PrefixIndex<RouteInfo>()
  readonly #ofLink = new Map<number, Set<string>>()

  constructor(routes: readonly RouteInfo[] = []) {
    for (const route of routes) this.put(route)
  }

  put(route: RouteInfo): void {
    const [key, block] = [routeKey(route), blockOf(route)]
    if (block === undefined) return
    this.#byBlock.put(key, block, route)
    if (route.index === undefined) return
    this.#ofLink.set(route.index, (this.#ofLink.get(route.index) ?? new Set()).add(key))
  }

  delete(route: RouteInfo): void {
    const key = routeKey(route)
    this.#byBlock.delete(key)
    if (route.index === undefined) return
    const siblings = this.#ofLink.get(route.index)
    if (siblings?.delete(key) && siblings.size === 0) this.#ofLink.delete(route.index)
  }

  /** Forgets the routes of an interface: the kernel does not tell of those that go with one. @returns their keys */
  deleteOfLink(index: number): ReadonlySet<string> {
    const keys = this.#ofLink.get(index) ?? new Set()
    for (const key of keys) this.#byBlock.delete(key)
    this.#ofLink.delete(index)
    return keys
  }

  overlapping(block: Prefix): readonly RouteInfo[] {
    return this.#byBlock.overlapping(block)
  }
}
