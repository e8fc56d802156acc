import { findLink, listLinks } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import { vethName } from '../cables/link-marks.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'
import type { Damage } from './damage.ts'
import { type Healing, healEndpoint } from './heal-endpoint.ts'
import type { ParentHealer } from './heal-parent.ts'

/**
 * Looks at a network that something happened to, and mends it; under the locks of ordinary operations, so that what
 * those do on purpose is not undone.
 *
 * @returns whether anything had to be done
 */
export async function healNetwork(
  parts: NetworkParts,
  networkId: string,
  damage: Damage,
  parents: ParentHealer,
): Promise<boolean> {
  const { table, locks, log } = parts
  const name = table.network(networkId)?.name
  if (name === undefined) return false
  using _ = await locks.acquire(`network ${name}`)
  const network = table.network(networkId) // somebody may have removed it meanwhile
  if (network === undefined) return false
  if (parts.shared?.isHere(network) === false) return false
  const healing: Healing = { lost: [], changes: [] }
  try {
    if (parts.drivers.isApart(network)) await healApart(parts, network, healing)
    else if (parts.drivers.parents(network).length > 0) await parents.heal(network, healing)
    else if (await healInterface(parts, network, damage, healing)) await healEndpoints(parts, network, damage, healing)
  } finally {
    if (healing.changes.length > 0) report(parts, network, healing)
  }
  if (healing.changes.length === 0) log.debug('finds a network as it should be', { network: network.name })
  return healing.changes.length > 0
}

/** A network in a namespace of its own, as far as this host has a part of it. */
async function healApart(parts: NetworkParts, network: NetworkRecord, healing: Healing): Promise<void> {
  const { table, drivers, locks } = parts
  {
    using _ = await locks.acquire(`shared ${network.id}`) // as who tells it of other hosts' endpoints
    if (parts.shared?.isHere(network) === false) return
    const done = await drivers.ensureNetwork(network)
    if (done.length > 0) healing.lost.push(`parts of ${network.driver} ${network.name}`)
    healing.changes.push(...done)
  }
  using place = drivers.openPlace(network)
  if (place === undefined) return
  const { netlink, bridge } = place
  for (const { id } of unplugged(netlink, bridge, table.endpointsOfNetwork(network.id)))
    await healCable(parts, id, netlink, healing)
}

/** Those whose cables do not lead into the bridge. */
function unplugged(
  netlink: NetlinkSocket,
  bridge: string,
  endpoints: readonly EndpointRecord[],
): readonly EndpointRecord[] {
  const master = findLink(netlink, bridge)?.index
  const links = new Map(listLinks(netlink).map((link) => [link.name, link]))
  return endpoints.filter(({ id }) => {
    const link = links.get(vethName(id))
    return link === undefined || !link.up || link.master !== master
  })
}

/** @returns false: there is nothing that containers could be plugged into */
async function healInterface(
  { drivers, log }: NetworkParts,
  network: NetworkRecord,
  { bridge }: Damage,
  { lost, changes }: Healing,
): Promise<boolean> {
  const ownership = drivers.ownership(network)
  const name = drivers.hostInterface(network)
  if (ownership === 'foreign') {
    log.warn('leaves a network alone: its interface is somebody else’s now', { network: network.name, interface: name })
    return false
  }
  // Whoever took a bridge away that was only lent may be about to make it again.
  if (ownership === 'missing' && bridge !== 'lost') return false
  if (bridge === undefined || (ownership === 'lent' && bridge !== 'lent')) return true
  const done = await drivers.ensureNetwork(network)
  if (done.length > 0) lost.push(`${ownership === 'missing' ? '' : 'settings of '}${network.driver} ${name}`)
  changes.push(...done)
  return true
}

async function healEndpoints(
  parts: NetworkParts,
  network: NetworkRecord,
  { bridge: hit, endpointIds }: Damage,
  healing: Healing,
): Promise<void> {
  const { table, drivers, host } = parts
  const all = table.endpointsOfNetwork(network.id)
  const hostInterface = drivers.hostInterface(network)
  if (all.length === 0 || hostInterface === undefined) return
  let suspects = all.filter(({ id }) => endpointIds.has(id))
  if (healing.changes.length > 0 || hit === 'lent') {
    suspects = [...unplugged(host, hostInterface, all)]
  }
  for (const { id } of suspects) await healCable(parts, id, host, healing)
}

/** @param netlink of the namespace that its cable begins in */
function healCable(parts: NetworkParts, endpointId: string, netlink: NetlinkSocket, healing: Healing): Promise<void> {
  const lost = (endpoint: EndpointRecord) => {
    const wasThere = findLink(netlink, vethName(endpoint.id)) !== undefined
    return `${wasThere ? 'place of ' : ''}${cableOf(endpoint)}`
  }
  return healEndpoint(parts, endpointId, lost, healing)
}

function cableOf({ id, containerName }: EndpointRecord): string {
  return `${vethName(id)} of container ${containerName}`
}

function report(parts: NetworkParts, network: NetworkRecord, { lost, changes }: Healing): void {
  const attributes = { lost: lost.join(', '), repair: changes.join(', ') }
  parts.log.warn('repairs a network that somebody damaged', { network: network.name, lost, changes })
  tell(parts, 'heal', network, undefined, attributes)
}
