import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import { isKeptClearOf } from '../ipam/pools.ts'
import type { Prefix } from '../ipam/prefix.ts'
import { PrefixIndex } from '../ipam/prefix-index.ts'
import { type Taken, TakenBlocks } from '../ipam/taken-blocks.ts'
import { mainTable } from './look-ups.ts'
import { blockOf, isLeading, routeKey } from './shadow.ts'

/** Of the host's own addresses, which lie on subnets of the other tables. */
const localTable = 255
/** `RTPROT_KERNEL`: of routes that the kernel makes by itself, and whose end it tells. */
const byKernel = 2
/** `RT_SCOPE_HOST`, of routes that lead to the host itself. */
const toHost = 254

interface Known {
  readonly route: RouteInfo
  readonly block: Prefix
}

/** The routes of the host that lead somewhere, by what they are about and by their interface. */
export class KnownRoutes {
  readonly #askedTables: ReadonlySet<number>
  readonly #byKey = new Map<string, Known>()
  readonly #byBlock = new PrefixIndex<RouteInfo>()
  readonly #taken = new TakenBlocks()
  readonly #ofLink = new Map<number, Set<string>>()
  /** How many routes, not made by the kernel, say that packets are from an address of the host. */
  readonly #sources = new Map<string, number>()

  /** @param tables that some packets' ways are looked up in, besides the main one */
  constructor(routes: readonly RouteInfo[] = [], tables: Iterable<number> = []) {
    this.#askedTables = new Set([mainTable, ...tables].filter((table) => table !== localTable))
    for (const route of routes) this.put(route)
  }

  /** Blocks that a new subnet must keep away from. */
  get taken(): Taken {
    return this.#taken
  }

  put(route: RouteInfo): void {
    const [key, block] = [routeKey(route), blockOf(route)]
    if (block === undefined || !isLeading(route) || this.#byKey.has(key)) return
    this.#byKey.set(key, { route, block })
    this.#byBlock.put(key, block, route)
    if (this.#isInTheWay(route, block)) this.#taken.put(block)
    if (route.index !== undefined) {
      const siblings = this.#ofLink.get(route.index)
      if (siblings === undefined) this.#ofLink.set(route.index, new Set([key]))
      else siblings.add(key)
    }
    this.#countSource(route, 1)
  }

  delete(route: RouteInfo): void {
    this.#delete(routeKey(route))
  }

  has(route: RouteInfo): boolean {
    return this.#byKey.has(routeKey(route))
  }

  #delete(key: string): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    const { route, block } = known
    this.#byKey.delete(key)
    this.#byBlock.delete(key)
    if (this.#isInTheWay(route, block)) this.#taken.delete(block)
    if (route.index !== undefined) {
      const siblings = this.#ofLink.get(route.index)
      if (siblings?.delete(key) && siblings.size === 0) this.#ofLink.delete(route.index)
    }
    this.#countSource(route, -1)
  }

  /**
   * Forgets the routes of an interface that is down, or gone: the kernel does not tell of those that go with one.
   * Those to the host itself stay as long as the interface.
   */
  deleteOfLink(index: number, isGone: boolean): void {
    for (const key of [...(this.#ofLink.get(index) ?? [])]) {
      if (isGone || this.#byKey.get(key)?.route.scope !== toHost) this.#delete(key)
    }
  }

  /** True when routes may go, untold, with an address of the host: those that somebody made for packets from it. */
  dependOn(address: string): boolean {
    return this.#sources.has(address)
  }

  overlapping(block: Prefix): readonly RouteInfo[] {
    return this.#byBlock.overlapping(block)
  }

  #isInTheWay({ table }: RouteInfo, block: Prefix): boolean {
    return this.#askedTables.has(table) && isKeptClearOf(block)
  }

  #countSource({ source, protocol }: RouteInfo, change: 1 | -1): void {
    if (source === undefined || protocol === byKernel) return
    const count = (this.#sources.get(source) ?? 0) + change
    if (count === 0) this.#sources.delete(source)
    else this.#sources.set(source, count)
  }
}
