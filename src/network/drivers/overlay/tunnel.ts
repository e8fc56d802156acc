import { EngineError, isErrno } from '../../../base/errors.ts'
import type { NetworkNamespace } from '../../../kernel/namespace.ts'
import { readBridgePort, setBridgePort } from '../../../kernel/netlink/bridge-ports.ts'
import { createVxlan } from '../../../kernel/netlink/create-link.ts'
import { deleteLink, findLink, type LinkInfo, setLink } from '../../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import { linkKinds } from '../../../wire/netlink/link-kinds.ts'
import type { Underlay } from '../../peers.ts'

/** UDP port of VXLAN. @source RFC 7348, section 5 */
const port = 4789

/** Nothing is learned and nothing is flooded: what a tunnel does not know, nobody on the wire is asked. */
export const portSettings = {
  learning: false,
  floodUnicast: false,
  floodMulticast: false,
  floodBroadcast: false,
  neighbourSuppress: true,
} as const

/** A tunnel to the other hosts, and where it is to be. */
export interface TunnelSite {
  readonly vni: number
  readonly mtu: number
  readonly underlay: Underlay
  /** Where its packets go out. */
  readonly host: NetlinkSocket
  readonly namespace: NetworkNamespace
  /** Of `namespace`. */
  readonly netlink: NetlinkSocket
  /** Index of the bridge that it is a port of. */
  readonly bridge: number
}

/** The name of a tunnel's device. */
export function tunnelName(vni: number): string {
  return `vx${vni}`
}

/** The way back from `tunnelName`; undefined for a device with another name. */
export function vniOfTunnel(name: string): number | undefined {
  const [, vni] = /^vx(\d+)$/.exec(name) ?? []
  return vni === undefined ? undefined : Number(vni)
}

/**
 * Makes a network's namespace have a tunnel.
 *
 * It learns nothing: a learned entry once kept the right one out. It has a local address: the kernel else chooses one by route,
 * and the far end drops what does not come from where it was told. It is a proxy: unicast questions, which a bridge forwards,
 * end in it unanswered, for the bridge has answered them.
 *
 * @returns what had to be done, in words
 */
export function ensureTunnel(site: TunnelSite): string[] {
  const { vni, mtu, netlink, bridge } = site
  const name = tunnelName(vni)
  const found = findLink(netlink, name)
  if (found !== undefined && isAsPlanned(found, site)) {
    const { index } = found
    const right = found.up && found.master === bridge && found.mtu === mtu
    if (!right) setLink(netlink, index, { up: true, master: bridge, mtu })
    const settled = right && isSettled(netlink, index)
    if (!settled) setBridgePort(netlink, index, portSettings)
    return settled ? [] : [`set up tunnel ${name} again`]
  }
  if (found !== undefined) deleteLink(netlink, name)
  create(site, name)
  return [`created tunnel ${name}`]
}

function create({ vni, mtu, underlay, host, namespace, netlink, bridge }: TunnelSite, name: string): void {
  try {
    // Asked for in the host's namespace: its socket stays there, wherever the device is.
    createVxlan(host, { name, vni, local: underlay.address, port, proxy: true, mtu, namespace })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    const about = `Cannot make tunnel "${name}": VNI ${vni} is in use on this host, by a VXLAN device that is not ours`
    throw new EngineError('conflict', `${about}; remove that, or choose another VNI`, { cause: error })
  }
  const index = findLink(netlink, name)!.index
  setLink(netlink, index, { master: bridge })
  setBridgePort(netlink, index, portSettings) // before it is up: not one frame is flooded
  setLink(netlink, index, { up: true })
}

function isAsPlanned({ data }: LinkInfo, { vni, underlay }: TunnelSite): boolean {
  if (data === undefined) return false
  const has = linkKinds.vxlan.decode(data)
  const isQuiet = has.learning === 0 && has.proxy === 1 && has.group === undefined && has.group6 === undefined
  return isQuiet && has.id === vni && has.port === port && (has.local ?? has.local6) === underlay.address
}

function isSettled(netlink: NetlinkSocket, index: number): boolean {
  const has = readBridgePort(netlink, index)
  return Object.entries(portSettings).every(([name, value]) => has?.[name as keyof typeof portSettings] === value)
}
