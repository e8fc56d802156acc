import { ipBytes } from '../../wire/ip-address.ts'
import type { NetworkNamespace } from '../namespace.ts'
import type { NetlinkSocket } from '../netlink/netlink-socket.ts'
import { listRoutes, type RouteInfo } from '../netlink/routes.ts'
import { NftContext } from '../nftables.ts'
import { familyOf, splitPrefix } from '../sockets/address-family.ts'
import { readSysctl } from '../sysctl.ts'
import { type ForeignDrop, type ForeignTable, foreignDrops, foreignTables } from './host-firewall.ts'
import { legacyForwardDrops } from './legacy-firewall.ts'

/** What a host does to container traffic beside what we tell it. */
export interface HostNetwork {
  /** Whether it forwards between interfaces at all. */
  readonly forwarding: { readonly ipv4: boolean; readonly ipv6: boolean }
  /** 0: no check that answers would go back where a packet came from. 1: strict. 2: loose. The larger of the two holds. */
  readonly reversePathFilter: { readonly all: number; readonly default: number }
  /** Whether iptables sees what a bridge carries between its ports; undefined without br_netfilter. */
  readonly bridgeCallsIptables: { readonly ipv4: boolean | undefined; readonly ipv6: boolean | undefined }
  readonly foreignTables: readonly ForeignTable[]
  /** Everything that drops what containers send or get, whatever our table says. */
  readonly foreignDrops: readonly ForeignDrop[]
  /** Routes into address pools that containers are to get their addresses from. */
  readonly overlaps: readonly { readonly pool: string; readonly route: RouteInfo }[]
}

/** What `inspectHostNetwork` goes by. */
export interface HostNetworkQuestion {
  readonly namespace: NetworkNamespace
  readonly netlink: NetlinkSocket
  /** Names of our own nft tables. */
  readonly ownTables: ReadonlySet<string>
  /** Prefixes: `"172.17.0.0/16"`. */
  readonly pools: readonly string[]
}

/** Looks at a host, and changes nothing. */
export function inspectHostNetwork({ namespace, netlink, ownTables, pools }: HostNetworkQuestion): HostNetwork {
  using nft = new NftContext(namespace)
  const ruleset = nft.list('list ruleset', { terse: true })
  const number = (name: string) => Number(readSysctl(namespace, name) ?? 0)
  const onOff = (name: string) => {
    const value = readSysctl(namespace, name)
    return value === undefined ? undefined : value === '1'
  }
  return {
    forwarding: {
      ipv4: number('net.ipv4.ip_forward') === 1,
      ipv6: number('net.ipv6.conf.all.forwarding') === 1,
    },
    reversePathFilter: {
      all: number('net.ipv4.conf.all.rp_filter'),
      default: number('net.ipv4.conf.default.rp_filter'),
    },
    bridgeCallsIptables: {
      ipv4: onOff('net.bridge.bridge-nf-call-iptables'),
      ipv6: onOff('net.bridge.bridge-nf-call-ip6tables'),
    },
    foreignTables: foreignTables(ruleset, ownTables),
    foreignDrops: [...foreignDrops(ruleset, ownTables), ...legacyDrops(namespace)],
    overlaps: overlapsOf(listRoutes(netlink), pools),
  }
}

function legacyDrops(namespace: NetworkNamespace): ForeignDrop[] {
  return (['ip', 'ip6'] as const)
    .filter((family) => legacyForwardDrops(namespace, family))
    .map((family) => {
      const place = { family, table: 'filter', chain: 'FORWARD', owner: 'iptables' } as const
      return { ...place, by: 'policy', verdict: 'drop' }
    })
}

/** Which routes lead into which pools, or to something that a pool is part of; the default route does not count. */
function overlapsOf(routes: readonly RouteInfo[], pools: readonly string[]): HostNetwork['overlaps'] {
  return pools.flatMap((pool) =>
    routes
      .filter(({ to, type }) => to !== 'default' && type !== 'multicast' && overlap(to, pool))
      .map((route) => ({ pool, route })),
  )
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [splitPrefix(one), splitPrefix(other)]
  if (familyOf(a.address) !== familyOf(b.address)) return false
  const [left, right] = [ipBytes(a.address), ipBytes(b.address)]
  const bits = Math.min(a.length, b.length)
  return left.every((byte, i) => {
    const compared = Math.min(8, Math.max(0, bits - 8 * i))
    return byte >> (8 - compared) === (right[i] ?? 0) >> (8 - compared)
  })
}
