import { createVeth, findLink, type LinkInfo, setLink } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { Changes, EndpointSpec, OpenSandbox } from '../driver.ts'
import { ensureInside } from './inside-link.ts'
import { endpointMark, vethName } from './link-marks.ts'

/** A bridge that containers are plugged into, and how. */
export interface CableSite {
  /** Of the namespace that the bridge is in. */
  readonly netlink: NetlinkSocket
  readonly bridge: string
  readonly bridgeIndex: number
  /** Bytes. */
  readonly mtu: number
  /** True: nobody said how large packets are, so that cables that are there follow. */
  readonly mtuMayChange: boolean
  /** Sets up a new cable's near end, by its name, before it comes up. */
  readonly prepare?: (name: string) => void
  /** Sets up a port of the bridge, by its index. What the bridge knows of a port it forgets when the port leaves it. */
  readonly settle: (port: number) => void
}

/**
 * Plugs a container into a bridge: a cable with one end in each, addresses, all up. Makes only what is missing.
 *
 * The mark on the near end comes last: a cable without was left by somebody who died over it.
 */
export function ensureCable(site: CableSite, endpoint: EndpointSpec, sandbox: OpenSandbox): Changes {
  const { netlink, bridge, bridgeIndex: master } = site
  const name = vethName(endpoint.id)
  const mark = endpointMark(endpoint.id)
  const present = findLink(netlink, name)
  const isNew = present?.alias !== mark
  const changes: string[] = []
  const index = present?.index ?? createCable(site, endpoint, sandbox)
  if (present !== undefined && (!present.up || present.master !== master)) {
    setLink(netlink, index, { up: true, master })
    site.settle(index)
    changes.push(`plugged ${name} into ${bridge} again`)
  } else if (isNew) {
    site.settle(index)
    changes.push(`plugged ${name} into ${bridge}`)
  }
  const inside = findLink(sandbox.netlink, endpoint.interfaceName)
  if (present !== undefined) changes.push(...resize(site, { present, inside }, sandbox))
  // Else renamed or moved by the container's owner: theirs now.
  if (inside !== undefined) changes.push(...ensureInside(inside, endpoint, sandbox, isNew))
  if (isNew) setLink(netlink, index, { alias: mark })
  return changes
}

/** Both ends follow; a container that chose less for itself keeps it. */
function resize(
  { netlink, mtu, mtuMayChange }: CableSite,
  { present, inside }: { readonly present: LinkInfo; readonly inside: LinkInfo | undefined },
  sandbox: OpenSandbox,
): string[] {
  if (!mtuMayChange || present.mtu === mtu) return []
  setLink(netlink, present.index, { mtu })
  const isOwnChoice = inside !== undefined && inside.mtu !== present.mtu && inside.mtu < mtu
  if (inside !== undefined && !isOwnChoice) setLink(sandbox.netlink, inside.index, { mtu })
  return [`set mtu of ${present.name}: ${present.mtu} to ${mtu}`]
}

function createCable(
  { netlink, bridgeIndex: master, mtu, prepare }: CableSite,
  { id, mac, interfaceName }: EndpointSpec,
  { namespace }: OpenSandbox,
): number {
  const name = vethName(id)
  const peer = { name: interfaceName, mtu, mac, namespace }
  const index = createVeth(netlink, { name, mtu, master, up: prepare === undefined, peer })
  if (prepare !== undefined) {
    prepare(name)
    setLink(netlink, index, { up: true })
  }
  return index
}
