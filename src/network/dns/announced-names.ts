import type { NamedEndpoint } from '../../resolver/protocol.ts'
import type { NetworkTable } from '../network-table.ts'
import type { SandboxWish } from '../networking.ts'
import { isPredefined } from '../networks/predefined-names.ts'
import { dnsNames } from './names.ts'

/** Who is told of names that have no address yet: `wharf resolver`, when there is one. */
export interface NameHearer {
  announce(endpoint: NamedEndpoint): Promise<void>
  withdraw(id: string): Promise<void>
}

/**
 * The names of all containers that there are, whether they run or not.
 *
 * A name without an address is answered with NODATA: it is ours, and is not asked of servers outside. The addresses
 * come with the endpoints of those that run. Nothing outlives the engine: whoever knows the containers announces them.
 */
export class AnnouncedNames {
  readonly #hearer: NameHearer
  readonly #table: Pick<NetworkTable, 'network' | 'networkNamed'>
  readonly #byContainer = new Map<string, ReadonlySet<string>>()
  /** What containers wished, by the names of the networks: a network may come, and come again, later than they. */
  readonly #byNetwork = new Map<string, Map<string, SandboxWish>>()

  readonly #networksOf = new Map<string, readonly string[]>()

  constructor({ hearer, table }: { hearer: NameHearer; table: Pick<NetworkTable, 'network' | 'networkNamed'> }) {
    this.#hearer = hearer
    this.#table = table
  }

  /** These are a container's names from now on. */
  async announce(wish: SandboxWish): Promise<void> {
    this.#remember(wish)
    const endpoints = this.#plan(wish)
    const before = this.#byContainer.get(wish.containerId)
    const ids = new Set(endpoints.map(({ id }) => id))
    if (ids.size === 0) this.#byContainer.delete(wish.containerId)
    else this.#byContainer.set(wish.containerId, ids)
    await Promise.all([
      ...endpoints.map((endpoint) => this.#hearer.announce(endpoint)),
      ...[...(before ?? [])].filter((id) => !ids.has(id)).map((id) => this.#hearer.withdraw(id)),
    ])
  }

  /** A network was made: containers may have waited for it. */
  async networkMade(name: string): Promise<void> {
    await Promise.all([...(this.#byNetwork.get(name)?.values() ?? [])].map((wish) => this.announce(wish)))
  }

  /** The container is gone. */
  async withdraw(containerId: string): Promise<void> {
    this.#forgetWish(containerId)
    const ids = this.#byContainer.get(containerId) ?? []
    this.#byContainer.delete(containerId)
    await Promise.all([...ids].map((id) => this.#hearer.withdraw(id)))
  }

  #remember(wish: SandboxWish): void {
    this.#forgetWish(wish.containerId)
    this.#networksOf.set(wish.containerId, networksOf(wish))
    for (const network of networksOf(wish)) {
      const wishes = this.#byNetwork.get(network) ?? new Map<string, SandboxWish>()
      this.#byNetwork.set(network, wishes.set(wish.containerId, wish))
    }
  }

  #forgetWish(containerId: string): void {
    for (const network of this.#networksOf.get(containerId) ?? []) {
      const wishes = this.#byNetwork.get(network)
      wishes?.delete(containerId)
      if (wishes?.size === 0) this.#byNetwork.delete(network)
    }
    this.#networksOf.delete(containerId)
  }

  #plan({ mode, containerId, containerName, hostname }: SandboxWish): NamedEndpoint[] {
    if (mode.kind !== 'own') return []
    return mode.attachments.flatMap(({ network: ref, aliases }) => {
      const network = this.#table.networkNamed(ref) ?? this.#table.network(ref)
      if (network === undefined || isPredefined(network.name)) return []
      const names = dnsNames({ containerId, containerName, aliases, hostname })
      const owner = { containerId, networkName: network.name }
      return [{ id: `${containerId}@${network.id}`, networkId: network.id, names, addresses: [], owner }]
    })
  }
}

function networksOf({ mode }: SandboxWish): readonly string[] {
  return mode.kind === 'own' ? mode.attachments.map(({ network }) => network) : []
}
