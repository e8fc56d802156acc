import { setImmediate as breathe } from 'node:timers/promises'
import { EngineError } from '../../../base/errors.ts'
import {
  ensureForwardingEntries,
  findTunnelEntry,
  listForwardingEntries,
  removeForwardingEntries,
} from '../../../kernel/netlink/forwarding-entries.ts'
import { type LinkInfo, listLinks } from '../../../kernel/netlink/links.ts'
import { ensureNeighbours, listNeighbours, removeNeighbours } from '../../../kernel/netlink/neighbours.ts'
import type { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import type { PeerSpec, PeerTable } from '../../peers.ts'
import { addEncryption, ensureEncryption, isWorn, removeEncryption, requireEncryption } from './esp/encryption.ts'
import { parseOverlayOptions } from './options.ts'
import { bridgeName, namespacePath, type OpenOverlay, openOverlay } from './overlay-namespace.ts'
import {
  compareEntries,
  countEntries,
  entriesOf,
  type HeldEntries,
  type OverlayDevices,
  type PeerEntries,
} from './peer-entries.ts'
import type { OverlayPlan } from './plan.ts'
import { tunnelName } from './tunnel.ts'

/** Peers between which the event loop is let go: a few milliseconds' worth. */
const atOnce = 256

/** What overlay networks know of other hosts' endpoints, kept in the kernel and nowhere else. */
export const overlayPeers: PeerTable<OverlayPlan> = {
  wishedVnis(options) {
    const { vnis, encrypted } = parseOverlayOptions(options)
    if (encrypted) requireEncryption()
    return vnis
  },

  needsSecrets: ({ encrypted }) => encrypted,
  isWorn,

  async ensure(plan, peers, context): Promise<Changes> {
    using open = openFor(plan, context)
    const changes = ensureEncryption(plan, peers, context)
    const { netlink } = open
    const links = listLinks(netlink)
    const devices = devicesOf(plan, links)
    const { extra, missing } = compareEntries(entriesOf(plan, peers, devices), heldEntries(netlink, links), devices)
    await inSlices(extra, (slice) => remove(netlink, slice))
    await inSlices(missing, (slice) => make(netlink, slice))
    return [...changes, ...inWords('removed', extra), ...inWords('made', missing)]
  },

  async add(plan, peers, context): Promise<void> {
    using open = openFor(plan, context)
    addEncryption(plan, peers, context) // before anything is sent there
    const devices = devicesOf(plan, listLinks(open.netlink))
    await inSlices(entriesOf(plan, peers, devices), (slice) => make(open.netlink, slice))
  },

  async remove(plan, peers, context): Promise<void> {
    const open = openOverlay(namespacePath(context.execRoot, plan.networkId))
    if (open === undefined) return
    using _ = open
    const devices = devicesOf(plan, listLinks(open.netlink))
    for (let at = 0; at < peers.length; at += atOnce) {
      if (at > 0) await breathe()
      forget(plan, peers.slice(at, at + atOnce), open, devices)
    }
    removeEncryption(plan, peers, context)
  },
}

/** What the kernel holds in the namespace of a network. @param links of that namespace */
export function heldEntries(netlink: NetlinkSocket, links: readonly LinkInfo[]): HeldEntries {
  const tunnelMacs = new Set(links.filter(({ kind }) => kind === 'vxlan').map(({ mac }) => mac))
  return { forwarding: listForwardingEntries(netlink), neighbours: listNeighbours(netlink), tunnelMacs }
}

/** Of those only that are still on the host that is named: a peer that has moved stays known where it is. */
function forget(
  plan: OverlayPlan,
  peers: readonly PeerSpec[],
  { netlink }: OpenOverlay,
  devices: OverlayDevices,
): void {
  const { remotes } = entriesOf(plan, peers, devices)
  const gone = peers.filter((_, i) => {
    const { index, mac, remote } = remotes[i]!
    const known = findTunnelEntry(netlink, index, mac)
    return known === undefined || known.remote === remote
  })
  remove(netlink, entriesOf(plan, gone, devices))
}

function make(netlink: NetlinkSocket, { remotes, ports, neighbours }: PeerEntries): void {
  // Nobody is told of an address before frames for it can be sent.
  ensureForwardingEntries(netlink, remotes)
  ensureForwardingEntries(netlink, ports)
  ensureNeighbours(netlink, neighbours)
}

function remove(netlink: NetlinkSocket, { remotes, ports, neighbours }: PeerEntries): void {
  removeNeighbours(netlink, neighbours)
  removeForwardingEntries(netlink, ports)
  removeForwardingEntries(netlink, remotes)
}

async function inSlices(all: PeerEntries, act: (slice: PeerEntries) => void): Promise<void> {
  const { remotes, ports, neighbours } = all
  const longest = Math.max(remotes.length, ports.length, neighbours.length)
  for (let at = 0; at < longest; at += atOnce) {
    if (at > 0) await breathe()
    const slice = <One>(list: readonly One[]) => list.slice(at, at + atOnce)
    act({ remotes: slice(remotes), ports: slice(ports), neighbours: slice(neighbours) })
  }
}

function inWords(verb: string, entries: PeerEntries): string[] {
  const count = countEntries(entries)
  return count === 0 ? [] : [`${verb} ${count} ${count === 1 ? 'entry' : 'entries'} for peers`]
}

function openFor({ networkName, networkId }: OverlayPlan, { execRoot }: DriverContext): OpenOverlay {
  const open = openOverlay(namespacePath(execRoot, networkId))
  if (open !== undefined) return open
  throw new EngineError('internal', `Cannot tell network "${networkName}" of its peers: its namespace is gone`)
}

function devicesOf({ networkName, subnets }: OverlayPlan, links: readonly LinkInfo[]): OverlayDevices {
  const byName = new Map(links.map(({ name, index }) => [name, index]))
  const bridge = byName.get(bridgeName)
  const tunnels = new Map(
    subnets.flatMap(({ vni }): [number, number][] => {
      const index = vni === undefined ? undefined : byName.get(tunnelName(vni))
      return vni === undefined || index === undefined ? [] : [[vni, index]]
    }),
  )
  if (bridge !== undefined && tunnels.size > 0) return { bridge, tunnels }
  throw new EngineError('internal', `Cannot tell network "${networkName}" of its peers: its bridge or tunnel is gone`)
}
