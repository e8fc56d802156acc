import { EngineError, isErrno } from '../../../base/errors.ts'
import type { KernelFeatures } from '../../../kernel/host/features.ts'
import { createDummy, createVlan } from '../../../kernel/netlink/create-link.ts'
import { createLink, findLink, type LinkInfo, listLinks, setLink } from '../../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import { linkKinds } from '../../../wire/netlink/link-kinds.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import { parentMark } from './parent-mark.ts'
import type { Parent } from './parent-name.ts'
import { parseVlanName, trunkOf, type VlanName } from './vlan-name.ts'

/**
 * Makes the host have the interface that a network sits on, as far as it is ours to make: an 802.1Q sub-interface, or
 * one that leads nowhere. What is there is used as it is.
 *
 * @throws {EngineError} `internal` with Docker's words, `not-implemented` with the module to load, `conflict` when
 *   somebody else has the VLAN
 */
export async function ensureParent(
  parent: Parent,
  kernel: KernelFeatures,
  { host, reaper }: DriverContext,
): Promise<Changes> {
  await reaper.whenGone(parent.name)
  const found = findLink(host, parent.name)
  if (found === undefined) {
    const what = parent.isOwn ? createOwn(parent.name, kernel, host) : createSubInterface(parent.name, kernel, host)
    const made = findLink(host, parent.name)!
    setLink(host, made.index, { alias: parentMark })
    bringUp(made, host)
    return [`created ${what} ${parent.name}`]
  }
  const changes: string[] = []
  // Its making was cut in two: nobody else would call an interface that.
  if (parent.isOwn && found.alias !== parentMark) {
    setLink(host, found.index, { alias: parentMark })
    changes.push(`marked ${parent.name} again`)
  }
  // Others' interfaces are up or down as their owner says.
  if ((parent.isOwn || found.alias === parentMark) && !found.up) {
    bringUp(found, host)
    changes.push(`brought up ${parent.name}`)
  }
  return changes
}

function bringUp({ index, name }: LinkInfo, host: NetlinkSocket): void {
  try {
    setLink(host, index, { up: true })
  } catch (cause) {
    if (!isErrno(cause, 'ENETDOWN')) throw cause
    const why = `"${trunkOf(name) ?? name}" is down`
    throw new EngineError('internal', `Cannot bring sub-interface "${name}" up: ${why}`, { cause })
  }
}

/** The interface that containers are put on. @throws {EngineError} `internal`, with Docker's words, when it is gone */
export function requireParent({ name }: Parent, { host }: DriverContext): LinkInfo {
  const link = findLink(host, name)
  if (link !== undefined) return link
  throw new EngineError('internal', `the requested parent interface ${name} was not found on the Docker host`)
}

function createSubInterface(name: string, kernel: KernelFeatures, host: NetlinkSocket): string {
  const vlan = parseVlanName(name, (trunk) => findLink(host, trunk) !== undefined)
  const trunk = findLink(host, vlan.trunk)
  if (trunk === undefined) throw new EngineError('internal', `-o parent interface was not found on the host: ${name}`)
  try {
    createVlan(host, { name, parent: trunk.index, id: vlan.id })
  } catch (error) {
    if (isErrno(error, 'EOPNOTSUPP')) kernel.require('vlan')
    if (isErrno(error, 'EEXIST')) throw taken(name, vlan, trunk.index, host)
    throw error
  }
  return 'VLAN'
}

/** The kernel lets an interface have one sub-interface of each number. */
function taken(name: string, { trunk, id }: VlanName, index: number, host: NetlinkSocket): EngineError {
  const owner = listLinks(host).find(({ kind, peerIndex, data }) => {
    return kind === 'vlan' && peerIndex === index && data !== undefined && linkKinds.vlan.decode(data).id === id
  })
  const why = `VLAN ${id} of "${trunk}" is there as "${owner?.name ?? name}"; use that as the parent`
  return new EngineError('conflict', `Cannot create sub-interface "${name}": ${why}`)
}

/** An `ifb` that nothing is redirected to swallows what is sent, as a dummy does; kernels have one, or the other. */
function createOwn(name: string, kernel: KernelFeatures, host: NetlinkSocket): string {
  try {
    createDummy(host, { name })
    return 'dummy'
  } catch (error) {
    if (!isErrno(error, 'EOPNOTSUPP')) throw error
  }
  try {
    createLink(host, { name, kind: 'ifb' })
    return 'ifb'
  } catch (error) {
    if (isErrno(error, 'EOPNOTSUPP')) kernel.require('dummy')
    throw error
  }
}
