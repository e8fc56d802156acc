import { findLink } from '../../kernel/netlink/links.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'
import { type Healing, healEndpoint } from './heal-endpoint.ts'

/**
 * Looks after networks that sit on interfaces of the host. What sits on an interface goes with it, in all containers at
 * once, and the kernel tells only of the interface: so it is remembered which one the containers were put on.
 */
export class ParentHealer {
  readonly #parts: NetworkParts
  /** Indexes of the interfaces that a network's containers sit on, by its id. */
  readonly #seats = new Map<string, string>()
  /** Ids of networks that have nothing to sit on. */
  readonly #orphans = new Set<string>()

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  /** Makes what is ours of a network, and plugs its containers in again where they sat on something else before. */
  async heal(network: NetworkRecord, healing: Healing): Promise<void> {
    const { drivers, table } = this.#parts
    const made = await this.#ensureNetwork(network)
    if (made === undefined) return
    const [parent] = drivers.parents(network)
    const seat = this.#seatOf(network)
    const isSame = this.#seats.get(network.id) === seat && made.length === 0
    this.#seats.set(network.id, seat)
    if (this.#orphans.delete(network.id)) healing.lost.push(`parent ${parent}`)
    else if (made.length > 0) healing.lost.push(`parts of ${network.driver} ${network.name}`)
    healing.changes.push(...made)
    if (isSame) return
    for (const { id } of table.endpointsOfNetwork(network.id)) {
      const lost = (endpoint: { readonly interfaceName: string; readonly containerName: string }) =>
        `${endpoint.interfaceName} of container ${endpoint.containerName}`
      await healEndpoint(this.#parts, id, lost, healing)
    }
  }

  /** Forgets networks that are gone. */
  keep(networkIds: ReadonlySet<string>): void {
    for (const id of this.#seats.keys()) if (!networkIds.has(id)) this.#seats.delete(id)
    for (const id of this.#orphans) if (!networkIds.has(id)) this.#orphans.delete(id)
  }

  /** @returns what had to be done, in words; undefined: there is nothing to sit on */
  async #ensureNetwork(network: NetworkRecord): Promise<readonly string[] | undefined> {
    try {
      return await this.#parts.drivers.ensureNetwork(network)
    } catch (error) {
      if (this.#parts.drivers.ownership(network) !== 'missing') throw error
      this.#tellOrphan(network)
      return undefined
    }
  }

  #tellOrphan(network: NetworkRecord): void {
    const { drivers, log, table } = this.#parts
    if (this.#orphans.has(network.id)) return
    this.#orphans.add(network.id)
    const [parent = ''] = drivers.parents(network)
    const names = table.endpointsOfNetwork(network.id).map(({ containerName }) => containerName)
    log.warn('sees the parent of a network gone, and waits for it', { network: network.name, parent, cut: names })
    tell(this.#parts, 'orphaned', network, undefined, { parent, containers: names.join(', ') })
  }

  #seatOf(network: NetworkRecord): string {
    const { drivers, host } = this.#parts
    return drivers
      .parents(network)
      .map((name) => findLink(host, name)?.index ?? 0)
      .join(' ')
  }
}
