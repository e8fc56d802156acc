import { findLink } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import { listRoutes } from '../../kernel/netlink/routes.ts'
import { listRules } from '../../kernel/netlink/rules.ts'
import { isMark } from '../cables/link-marks.ts'
import { findUplink, isWayOut } from './look-ups.ts'

/** Bytes, where nothing leads outside: Docker's. */
export const usualMtu = 1500

/** The host's way to the outside, as it was when somebody last looked. */
export class Uplink {
  readonly #host: NetlinkSocket
  #index: number | undefined
  #mtu = usualMtu

  constructor(host: NetlinkSocket) {
    this.#host = host
    this.look()
  }

  /** The largest packet that it carries, in bytes; 1500 while there has been none. */
  get mtu(): number {
    return this.#mtu
  }

  /** Looks at routes, rules and the interface. A way out that has gone leaves its figure until there is another. */
  look(): void {
    const index = findUplink(listRoutes(this.#host), listRules(this.#host))
    this.#index = index
    const link = index === undefined ? undefined : findLink(this.#host, index)
    if (link === undefined) return
    // A container may be the way out: its bridge follows, it does not lead.
    this.#mtu = isMark(link.alias) ? usualMtu : link.mtu
  }

  /** True when a change gives reason to look again. */
  concerns(change: NetworkChange): boolean {
    switch (change.kind) {
      case 'link':
        return change.link.index === this.#index && (change.removed || change.link.mtu !== this.#mtu)
      case 'route':
        return isWayOut(change.route)
      case 'rule':
      case 'lost':
        return true
      default:
        return false
    }
  }
}
