import type { ForwardingEntry, ForwardingEntryInfo } from '../../../kernel/netlink/forwarding-entries.ts'
import type { Neighbour, NewNeighbour } from '../../../kernel/netlink/neighbours.ts'
import { ipBytes, ipText } from '../../../wire/ip-address.ts'
import { bareAddress, contains, parseAddress, requirePrefix } from '../../ipam/prefix.ts'
import type { PeerSpec } from '../../peers.ts'
import type { OverlayPlan } from './plan.ts'

/**
 * What the kernel is to hold for peers: all that a frame for one of them needs, so that nobody is ever asked. By hand:
 *
 * ```
 * remotes     bridge fdb replace MAC dev vx4097 dst HOST self permanent
 * ports       bridge fdb replace MAC dev vx4097 master static
 * neighbours  ip neigh replace IP lladdr MAC dev br0 nud permanent
 * ```
 */
export interface PeerEntries {
  /** In the tunnels: the host that a hardware address is on. */
  readonly remotes: readonly ForwardingEntry[]
  /** In the bridge: the tunnel that a hardware address is behind. */
  readonly ports: readonly ForwardingEntry[]
  /** On the bridge, which answers ARP and NDP for them. */
  readonly neighbours: readonly NewNeighbour[]
}

/** Indexes of a network's devices. */
export interface OverlayDevices {
  readonly bridge: number
  /** By VNI. */
  readonly tunnels: ReadonlyMap<number, number>
}

/** What belongs to peers. A peer on no subnet that has a tunnel is behind the first one. Pure. */
export function entriesOf(plan: OverlayPlan, peers: readonly PeerSpec[], devices: OverlayDevices): PeerEntries {
  const entries = { remotes: [] as ForwardingEntry[], ports: [] as ForwardingEntry[], neighbours: [] as NewNeighbour[] }
  const tunnelOf = tunnelFinder(plan, devices)
  for (const { mac, addresses, hostAddress } of peers) {
    const bare = addresses.map((cidr) => asWritten(bareAddress(cidr)))
    const index = tunnelOf(bare)
    entries.remotes.push({ index, mac, place: 'self', remote: asWritten(hostAddress) })
    entries.ports.push({ index, mac, place: 'bridge' })
    for (const address of bare) entries.neighbours.push({ index: devices.bridge, address, mac })
  }
  return entries
}

/** By the first address that lies in a subnet with a tunnel. */
function tunnelFinder({ subnets }: OverlayPlan, { tunnels }: OverlayDevices): (addresses: readonly string[]) => number {
  const ways = subnets.flatMap(({ prefix, vni }) => {
    const index = vni === undefined ? undefined : tunnels.get(vni)
    return index === undefined ? [] : [{ block: requirePrefix(prefix, 'subnet'), index }]
  })
  const [first] = tunnels.values()
  return (addresses) => {
    if (ways.length === 1) return ways[0]!.index
    for (const text of addresses) {
      const address = parseAddress(text)
      const way = address && ways.find(({ block }) => contains(block, address))
      if (way !== undefined) return way.index
    }
    return first!
  }
}

/** What the kernel holds in a network's namespace. */
export interface HeldEntries {
  readonly forwarding: readonly ForwardingEntryInfo[]
  readonly neighbours: readonly Neighbour[]
  /** Own hardware addresses of the tunnels: entries that the bridge has of itself. */
  readonly tunnelMacs: ReadonlySet<string>
}

/** What has to be removed first, and then made, so that the kernel holds what is wanted and no more. Pure. */
export function compareEntries(
  wanted: PeerEntries,
  held: HeldEntries,
  { bridge, tunnels }: OverlayDevices,
): { readonly extra: PeerEntries; readonly missing: PeerEntries } {
  const indexes = new Set(tunnels.values())
  const inTunnels = held.forwarding.filter(({ index }) => indexes.has(index))
  const heldRemotes = inTunnels.filter(({ place }) => place === 'self')
  const heldPorts = inTunnels.filter(({ place, mac }) => place === 'bridge' && !held.tunnelMacs.has(mac))
  const heldNeighbours = held.neighbours.filter(({ index, permanent }) => index === bridge && permanent)
  const remotes = difference(wanted.remotes, heldRemotes, remoteKey)
  const ports = difference(wanted.ports, heldPorts, portKey)
  const neighbours = difference(wanted.neighbours, heldNeighbours, neighbourKey)
  return {
    extra: { remotes: remotes.extra, ports: ports.extra, neighbours: neighbours.extra },
    missing: { remotes: remotes.missing, ports: ports.missing, neighbours: neighbours.missing },
  }
}

function difference<One, Held extends One>(
  wanted: readonly One[],
  held: readonly Held[],
  key: (one: One) => string,
): { readonly missing: readonly One[]; readonly extra: readonly Held[] } {
  const wantedKeys = new Set(wanted.map(key))
  const heldKeys = new Set(held.map(key))
  return {
    missing: wanted.filter((one) => !heldKeys.has(key(one))),
    extra: held.filter((one) => !wantedKeys.has(key(one))),
  }
}

/** How many there are of all kinds. */
export function countEntries({ remotes, ports, neighbours }: PeerEntries): number {
  return remotes.length + ports.length + neighbours.length
}

/** As the kernel's answers are read: IPv6 can be written in many ways. */
function asWritten(address: string): string {
  return address.includes(':') ? ipText(ipBytes(address)) : address
}

function remoteKey({ index, mac, remote }: ForwardingEntry): string {
  return `${index} ${mac} ${remote}`
}

function portKey({ index, mac }: ForwardingEntry): string {
  return `${index} ${mac}`
}

function neighbourKey({ address, mac }: NewNeighbour): string {
  return `${address} ${mac}`
}
