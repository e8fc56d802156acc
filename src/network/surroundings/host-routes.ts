import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import { listRoutes } from '../../kernel/netlink/routes.ts'
import { listRules, type RoutingRule } from '../../kernel/netlink/rules.ts'
import type { HostChanges } from './host-changes.ts'
import { KnownRoutes } from './known-routes.ts'

/** Routes and rules that were listed together; the routes are kept up to date since. */
export interface Routing {
  readonly routes: KnownRoutes
  readonly rules: readonly RoutingRule[]
}

/**
 * The routes of the host, as they are at the moment of the question.
 *
 * While changes are followed, they are listed once, and then again only when it is not certain any more what there is:
 * a question costs the changes since the last one.
 */
export class HostRoutes {
  readonly #host: NetlinkSocket
  #changes: HostChanges | undefined
  #known: Routing | undefined

  constructor(host: NetlinkSocket) {
    this.#host = host
  }

  /** Follows what happens, until the returned guard is disposed of. */
  follow(changes: HostChanges): Disposable {
    const listening = changes.listen((change) => this.#hear(change))
    this.#changes = changes
    return {
      [Symbol.dispose]: () => {
        listening[Symbol.dispose]()
        this.#changes = undefined
        this.#known = undefined
      },
    }
  }

  /** What there is now: another object whenever it had to be listed again. Not to be called by a listener of changes. */
  now(): Routing {
    this.#changes?.catchUp()
    if (this.#known !== undefined) return this.#known
    const rules = listRules(this.#host)
    const tables = rules.flatMap(({ table }) => table ?? [])
    const known = { rules, routes: new KnownRoutes(listRoutes(this.#host), tables) }
    // What has happened meanwhile is heard of once more, and comes out the same.
    if (this.#changes !== undefined) this.#known = known
    return known
  }

  /** Nothing that was known is certain any more. */
  doubt(): void {
    this.#known = undefined
  }

  #hear(change: NetworkChange): void {
    const routes = this.#known?.routes
    switch (change.kind) {
      case 'route':
        if (change.removed) routes?.delete(change.route)
        else if (change.replaces)
          this.doubt() // the kernel does not say what
        else routes?.put(change.route)
        break
      case 'link':
        if (change.removed || !change.link.up) routes?.deleteOfLink(change.link.index, change.removed)
        break
      case 'address':
        if (change.removed && routes?.dependOn(change.address.address)) this.doubt()
        break
      case 'rule':
      case 'lost':
        this.doubt()
        break
      default:
    }
  }
}
