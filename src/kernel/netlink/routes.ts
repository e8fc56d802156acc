import { isErrno } from '../../base/errors.ts'
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE } from '../../wire/netlink/frame.ts'
import {
  RT_TABLE_MAIN,
  RTM_DELROUTE,
  RTM_F_CLONED,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTNH_F_ONLINK,
  routeMessage,
  routeProtocols,
  routeScopes,
  routeTypes,
} from '../../wire/netlink/route.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, familyOf, splitPrefix } from '../sockets/address-family.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** A route as it is now. */
export interface RouteInfo {
  readonly family: 'ipv4' | 'ipv6'
  /** `"default"`, or a prefix with its length: `"10.1.0.0/16"`. */
  readonly to: string
  readonly type: keyof typeof routeTypes
  readonly via: string | undefined
  /** Interface index; undefined where there is none, or several (then see `ip route`). */
  readonly index: number | undefined
  /** The lower wins. 0 for IPv4 and 1024 for IPv6 unless told. */
  readonly metric: number
  readonly scope: number
  /** What packets are said to be from. */
  readonly source: string | undefined
  /** 254 is `main`, 255 `local`. */
  readonly table: number
  /** Who made it: `RTPROT_*`, 2 for the kernel, 3 for `ip` and us. */
  readonly protocol: number
  /** Not a route, but what a look-up found, kept by the kernel. */
  readonly remembered: boolean
}

/** A route to make, or to remove. */
export interface NewRoute {
  /** `"default"`, or a prefix with its length. */
  readonly to: string
  readonly via?: string
  /** Interface index. */
  readonly index?: number
  readonly metric?: number
  /** Needed for `default` without `via` and `source` only. */
  readonly family?: 'ipv4' | 'ipv6'
  /** `global` with a gateway, `link` without, unless told. */
  readonly scope?: keyof typeof routeScopes
  readonly source?: string
  readonly type?: keyof typeof routeTypes
  /** 254, `main`, unless told. */
  readonly table?: number
  /** Who makes it: `boot` unless told; of a route to remove: any. */
  readonly protocol?: keyof typeof routeProtocols
  /** The gateway is on the link of `index`, even when no address says so. */
  readonly onLink?: boolean
}

const typeNames = new Map<number, keyof typeof routeTypes>(
  Object.entries(routeTypes).map(([name, number]) => [number, name as keyof typeof routeTypes]),
)
const blank = {
  family: AF_UNSPEC,
  toLength: 0,
  fromLength: 0,
  tos: 0,
  table: 0,
  protocol: 0,
  scope: 0,
  type: 0,
  flags: 0,
}

/** Lists the routes of a namespace, of all tables unless one is named; without those that are look-ups remembered. */
export function listRoutes(
  netlink: NetlinkSocket,
  { family, table }: { readonly family?: RouteInfo['family']; readonly table?: number } = {},
): RouteInfo[] {
  const question = routeMessage.encode(
    { ...blank, family: family === undefined ? AF_UNSPEC : numberOf(family) },
    table === undefined ? {} : { table },
  )
  return netlink
    .request('list routes', RTM_GETROUTE, NLM_F_DUMP, question)
    .map(decodeRoute)
    .filter((route) => !route.remembered && (table === undefined || route.table === table))
}

/** The way that a packet from here to an address takes; undefined: none leads there. */
export function findRoute(netlink: NetlinkSocket, address: string): RouteInfo | undefined {
  const family = familyOf(address)
  const question = routeMessage.encode({ ...blank, family, toLength: family === AF_INET6 ? 128 : 32 }, { to: address })
  try {
    const [reply] = netlink.request(`find route to "${address}"`, RTM_GETROUTE, 0, question)
    return reply && decodeRoute(reply)
  } catch (error) {
    if (isErrno(error, 'ENETUNREACH', 'EHOSTUNREACH')) return undefined
    throw error
  }
}

/** Makes a route. @throws {KernelError} `EEXIST` when there is one, `ENETUNREACH` when no link leads to the gateway, `ENETDOWN` */
export function addRoute(netlink: NetlinkSocket, route: NewRoute): void {
  netlink.request(`add route to "${route.to}"`, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, encode(route))
}

/** Makes a route unless there is one to the same prefix with the same metric. @returns whether there was none */
export function ensureRoute(netlink: NetlinkSocket, route: NewRoute): boolean {
  try {
    addRoute(netlink, route)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

/** Makes a route, in the place of one to the same prefix with the same metric. */
export function replaceRoute(netlink: NetlinkSocket, route: NewRoute): void {
  netlink.request(`replace route to "${route.to}"`, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, encode(route))
}

/** Removes the first route that has what is named; absent, also its interface, is success. */
export function removeRoute(netlink: NetlinkSocket, route: NewRoute): void {
  // Scope "nowhere" and type "unspecified" stand for any.
  const body = encode({ scope: 'nowhere', type: 'unspecified', ...route }, 'unspecified')
  try {
    netlink.request(`remove route to "${route.to}"`, RTM_DELROUTE, 0, body)
  } catch (error) {
    if (!isErrno(error, 'ESRCH', 'ENODEV')) throw error
  }
}

function encode(route: NewRoute, protocol: keyof typeof routeProtocols = 'boot'): Uint8Array {
  const { to, via, index, metric, source, type = 'unicast', table = RT_TABLE_MAIN, onLink } = route
  const family = routeFamily(route)
  const prefix = to === 'default' ? undefined : splitPrefix(to)
  const scope = route.scope ?? (via === undefined && family === AF_INET && type === 'unicast' ? 'link' : 'global')
  return routeMessage.encode(
    {
      ...blank,
      family,
      toLength: prefix?.length ?? 0,
      table: table > 255 ? 0 : table,
      protocol: routeProtocols[route.protocol ?? protocol],
      scope: routeScopes[scope],
      type: routeTypes[type],
      flags: onLink ? RTNH_F_ONLINK : 0,
    },
    {
      ...(prefix && prefix.length > 0 && { to: prefix.address }),
      ...(index !== undefined && { index }),
      ...(via !== undefined && { via }),
      ...(metric !== undefined && { metric }),
      ...(source !== undefined && { source }),
      ...(table > 255 && { table }),
    },
  )
}

function routeFamily({ family, to, via, source }: NewRoute): number {
  if (family !== undefined) return numberOf(family)
  const written = to === 'default' ? (via ?? source) : to
  return written === undefined ? AF_INET : familyOf(written)
}

function numberOf(family: RouteInfo['family']): number {
  return family === 'ipv6' ? AF_INET6 : AF_INET
}

/** Reads what `RTM_NEWROUTE` says. @throws {RangeError} when the bytes are not a route message */
export function decodeRoute(bytes: Uint8Array): RouteInfo {
  const { header, attributes } = routeMessage.decode(bytes)
  const { to, via, index, metric, source, table } = attributes
  return {
    family: header.family === AF_INET6 ? 'ipv6' : 'ipv4',
    to: header.toLength === 0 ? 'default' : `${to}/${header.toLength}`,
    type: typeNames.get(header.type) ?? 'unspecified',
    via,
    index,
    metric: metric ?? 0,
    scope: header.scope,
    source,
    table: table ?? header.table,
    protocol: header.protocol,
    remembered: (header.flags & RTM_F_CLONED) !== 0,
  }
}
