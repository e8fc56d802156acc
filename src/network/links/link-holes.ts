import type { Element } from '../firewall/elements.ts'
import { linkElement } from '../firewall/link-element.ts'
import { bareAddress } from '../ipam/prefix.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { NetworkTable } from '../network-table.ts'
import { legacyLinks } from './linked-endpoints.ts'

type LinkTable = Pick<NetworkTable, 'network' | 'endpoint' | 'endpointsOfNetwork' | 'linkersOf' | 'sandbox'>

/** What links let through where containers must not talk, by the endpoint that links. It follows from the records. */
export class LinkHoles {
  readonly #open = new Map<string, readonly Element[]>()

  /** What an endpoint's links are to let through now. @returns what they did until now */
  replace(endpointId: string, elements: readonly Element[]): readonly Element[] {
    const before = this.#open.get(endpointId) ?? []
    if (elements.length === 0) this.#open.delete(endpointId)
    else this.#open.set(endpointId, elements)
    return before
  }
}

/** What an endpoint's links let through: every port that the other container exposes. Pure. */
export function planLinkHoles(table: LinkTable, linker: EndpointRecord): readonly Element[] {
  const from = linker.ipv4
  if (from === undefined) return []
  return legacyLinks(table, linker).flatMap(({ target: { ipv4, containerId, containerName } }) => {
    if (ipv4 === undefined) return []
    const addresses = { linker: bareAddress(from), target: bareAddress(ipv4) }
    const comment = `container ${linker.containerName} links to ${containerName}`
    const exposed = table.sandbox(containerId)?.wish.exposed ?? []
    return exposed.map(({ protocol, port }) => linkElement({ ...addresses, protocol, port, comment }))
  })
}

/**
 * Endpoints came or went: what links let through follows, in one transaction and one synchronous moment, so that
 * nobody has a gone container's address yet.
 */
export function adjustLinkHoles(
  { table, firewall, linkHoles }: Pick<NetworkParts, 'table' | 'firewall' | 'linkHoles'>,
  changed: readonly EndpointRecord[],
): void {
  const affected = changed.flatMap((one) => [one, ...table.linkersOf(one.networkId)])
  const linkers = new Map(affected.filter(({ links }) => links.length > 0).map((one) => [one.id, one]))
  const remove: Element[] = []
  const add: Element[] = []
  for (const { id } of linkers.values()) {
    const present = table.endpoint(id)
    const wanted = present === undefined ? [] : planLinkHoles(table, present)
    remove.push(...linkHoles.replace(id, wanted))
    add.push(...wanted)
  }
  if (remove.length + add.length > 0) firewall.change({ remove, add })
}

/** All that links let through, said anew: for when the whole table is written. */
export function restoreLinkHoles({ table, linkHoles }: Pick<NetworkParts, 'table' | 'linkHoles'>): readonly Element[] {
  return table.endpoints().flatMap((endpoint) => {
    const wanted = endpoint.links.length === 0 ? [] : planLinkHoles(table, endpoint)
    linkHoles.replace(endpoint.id, wanted)
    return wanted
  })
}
