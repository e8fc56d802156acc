import { RTM_DELADDR, RTM_NEWADDR } from '../../wire/netlink/address.ts'
import { type Frame, NLM_F_REPLACE } from '../../wire/netlink/frame.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../wire/netlink/link.ts'
import { neighbourMessage, RTM_DELNEIGH, RTM_NEWNEIGH } from '../../wire/netlink/neighbour.ts'
import { decodeNftablesNotice, type NftablesNotice } from '../../wire/netlink/nftables.ts'
import { RTM_DELROUTE, RTM_NEWROUTE } from '../../wire/netlink/route.ts'
import { RTM_DELRULE, RTM_NEWRULE } from '../../wire/netlink/rule.ts'
import { AF_BRIDGE } from '../sockets/address-family.ts'
import { decodeAddress, type PlacedAddress } from './addresses.ts'
import { type ForwardingEntryInfo, forwardingEntryOf } from './forwarding-entries.ts'
import { decodeLink, type LinkInfo } from './links.ts'
import { type Neighbour, neighbourOf } from './neighbours.ts'
import { decodeRoute, type RouteInfo } from './routes.ts'
import { decodeRule, type RoutingRule } from './rules.ts'

/** What happened to the network of a namespace. Not `removed`: it is new, or something about it is. */
export type NetworkChange =
  | { readonly kind: 'link'; readonly removed: boolean; readonly link: LinkInfo }
  | { readonly kind: 'address'; readonly removed: boolean; readonly address: PlacedAddress }
  | {
      readonly kind: 'route'
      readonly removed: boolean
      readonly route: RouteInfo
      /** It took the place of another, of whose end nothing is told. */
      readonly replaces: boolean
    }
  | { readonly kind: 'rule'; readonly removed: boolean; readonly rule: RoutingRule }
  | { readonly kind: 'neighbour'; readonly removed: boolean; readonly neighbour: Neighbour }
  | { readonly kind: 'forwarding-entry'; readonly removed: boolean; readonly entry: ForwardingEntryInfo }
  | { readonly kind: 'nftables'; readonly notice: NftablesNotice }
  /** Notices were lost: nothing that was known is certain any more, list it again. */
  | { readonly kind: 'lost' }

const removals = new Set([RTM_DELLINK, RTM_DELADDR, RTM_DELROUTE, RTM_DELRULE, RTM_DELNEIGH])

/**
 * Reads one multicast message of rtnetlink; undefined for what says nothing.
 *
 * @throws {RangeError} when the bytes are not what the type says
 */
export function decodeRouteChange({ type, flags, body }: Frame): NetworkChange | undefined {
  const removed = removals.has(type)
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      // A bridge says so when a port comes or goes; for a port that goes, as if the link were deleted.
      return body[0] === AF_BRIDGE ? undefined : { kind: 'link', removed, link: decodeLink(body) }
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return { kind: 'address', removed, address: decodeAddress(body) }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const route = decodeRoute(body)
      if (route.remembered) return undefined
      return { kind: 'route', removed, route, replaces: !removed && (flags & NLM_F_REPLACE) !== 0 }
    }
    case RTM_NEWRULE:
    case RTM_DELRULE: {
      const rule = decodeRule(body)
      return rule && { kind: 'rule', removed, rule }
    }
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: {
      const decoded = neighbourMessage.decode(body)
      return decoded.header.family === AF_BRIDGE
        ? { kind: 'forwarding-entry', removed, entry: forwardingEntryOf(decoded) }
        : { kind: 'neighbour', removed, neighbour: neighbourOf(decoded) }
    }
    default:
      return undefined
  }
}

/** Reads one multicast message of nftables; undefined for what is none. @throws {RangeError} */
export function decodeNftablesChange({ type, body }: Frame): NetworkChange | undefined {
  const notice = decodeNftablesNotice(type, body)
  return notice && { kind: 'nftables', notice }
}
