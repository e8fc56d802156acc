import { ensureAddress } from '../kernel/netlink/addresses.ts'
import { createVeth, findLink, setLink } from '../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import { writeSysctl } from '../kernel/sysctl.ts'
import type { Changes, EndpointSpec, OpenSandbox } from './driver.ts'
import { writeEndpointSysctls } from './endpoint-options.ts'
import { endpointMark, vethName } from './link-marks.ts'

/** A bridge that containers are plugged into, and how. */
export interface CableSite {
  /** Of the namespace that the bridge is in. */
  readonly netlink: NetlinkSocket
  readonly bridge: string
  readonly bridgeIndex: number
  /** Bytes. */
  readonly mtu: number
  /** Sets up a port of the bridge, by its index. What the bridge knows of a port it forgets when the port leaves it. */
  readonly settle: (port: number) => void
}

/** Plugs a container into a bridge: a cable with one end in each, addresses, all up. Makes only what is missing. */
export function ensureCable(site: CableSite, endpoint: EndpointSpec, sandbox: OpenSandbox): Changes {
  const { netlink, bridge, bridgeIndex: master } = site
  const name = vethName(endpoint.id)
  const present = findLink(netlink, name)
  const changes: string[] = []
  if (present === undefined) {
    createCable(site, endpoint, sandbox)
    changes.push(`plugged ${name} into ${bridge}`)
  } else if (!present.up || present.master !== master) {
    setLink(netlink, present.index, { up: true, master })
    site.settle(present.index)
    changes.push(`plugged ${name} into ${bridge} again`)
  }
  return [...changes, ...ensureInside(endpoint, sandbox, present === undefined)]
}

/** The container's end. What its owner renamed or moved is theirs. */
function ensureInside(endpoint: EndpointSpec, { namespace, netlink }: OpenSandbox, isNew: boolean): string[] {
  const { interfaceName, addresses, driverOptions } = endpoint
  const changes: string[] = []
  const inside = findLink(netlink, interfaceName)
  if (inside === undefined) return changes
  for (const cidr of addresses) {
    const [address = '', length] = cidr.split('/')
    if (address.includes(':')) writeSysctl(namespace, `net/ipv6/conf/${interfaceName}/disable_ipv6`, '0')
    const added = ensureAddress(netlink, inside.index, { address, prefixLength: Number(length), noDad: true })
    if (added && !isNew) changes.push(`added ${cidr} to ${interfaceName}`)
  }
  if (isNew) writeEndpointSysctls(namespace, driverOptions, interfaceName)
  if (!inside.up) setLink(netlink, inside.index, { up: true })
  return changes
}

function createCable(
  { netlink, bridgeIndex: master, mtu, settle }: CableSite,
  { id, mac, interfaceName }: EndpointSpec,
  { namespace }: OpenSandbox,
): void {
  const peer = { name: interfaceName, mtu, mac, namespace }
  const index = createVeth(netlink, { name: vethName(id), mtu, master, up: true, peer })
  setLink(netlink, index, { alias: endpointMark(id) })
  settle(index)
}
