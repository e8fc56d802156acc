import type { Collection, Store } from '../store/store.ts'
import { vethName } from './cables/link-marks.ts'
import type { EndpointRecord, NetworkRecord, OwedRecord, OwedRemoval, SandboxRecord } from './model.ts'
import { foldSandbox, type StoredSandbox, unfoldSandbox } from './ports/stored-ports.ts'

/** Records to write, and to delete by id, in one transaction. A sandbox's key is its container's id. */
export interface TableChange {
  readonly networks?: readonly NetworkRecord[]
  readonly endpoints?: readonly EndpointRecord[]
  readonly sandboxes?: readonly SandboxRecord[]
  readonly owed?: readonly OwedRecord[]
  readonly owedRemovals?: readonly OwedRemoval[]
  readonly withoutNetworks?: readonly string[]
  readonly withoutEndpoints?: readonly string[]
  readonly withoutSandboxes?: readonly string[]
  readonly withoutOwed?: readonly string[]
  readonly withoutOwedRemovals?: readonly string[]
}

/** Networks, endpoints and sandboxes: kept in memory with their indexes, every change written through to the store. */
export class NetworkTable {
  readonly #store: Store
  readonly #collections: {
    readonly networks: Collection<NetworkRecord>
    readonly endpoints: Collection<EndpointRecord>
    readonly sandboxes: Collection<StoredSandbox>
    readonly owed: Collection<OwedRecord>
    readonly owedRemovals: Collection<OwedRemoval>
  }
  readonly #networks = new Map<string, NetworkRecord>()
  readonly #networkIds = new Map<string, string>()
  readonly #endpoints = new Map<string, EndpointRecord>()
  readonly #endpointsOfNetwork = new Map<string, Map<string, EndpointRecord>>()
  readonly #endpointsOfContainer = new Map<string, Map<string, EndpointRecord>>()
  /** By the name of the host end of its cable. */
  readonly #endpointsByLink = new Map<string, string>()
  /** The few endpoints that name others by `--link`, by network. */
  readonly #linkers = new Map<string, Map<string, EndpointRecord>>()
  readonly #sandboxes = new Map<string, SandboxRecord>()
  /** What plugins are to get back, in the order in which it became free. */
  readonly #owed = new Map<string, OwedRecord>()
  /** What plugins are to remove, likewise. */
  readonly #owedRemovals = new Map<string, OwedRemoval>()
  /** Who lives in another container's network, by that container. */
  readonly #joiners = new Map<string, Map<string, SandboxRecord>>()

  constructor(store: Store) {
    this.#store = store
    this.#collections = {
      networks: store.collection<NetworkRecord>('network'),
      endpoints: store.collection<EndpointRecord>('endpoint'),
      sandboxes: store.collection<StoredSandbox>('sandbox'),
      owed: store.collection<OwedRecord>('owed-address'),
      owedRemovals: store.collection<OwedRemoval>('owed-removal'),
    }
    const { networks, endpoints, sandboxes, owed, owedRemovals } = this.#collections
    this.#remember({
      networks: networks.list(),
      endpoints: endpoints.list(),
      sandboxes: sandboxes.list().map(unfoldSandbox),
      owed: owed.list(),
      owedRemovals: owedRemovals.list(),
    })
  }

  /** Writes all of it or, when the store fails, nothing. */
  commit(change: TableChange): void {
    const { networks, endpoints, sandboxes, owed, owedRemovals } = this.#collections
    this.#store.transaction(() => {
      for (const id of change.withoutSandboxes ?? []) sandboxes.delete(id)
      for (const id of change.withoutEndpoints ?? []) endpoints.delete(id)
      for (const id of change.withoutNetworks ?? []) networks.delete(id)
      for (const id of change.withoutOwed ?? []) owed.delete(id)
      for (const id of change.withoutOwedRemovals ?? []) owedRemovals.delete(id)
      for (const record of change.owed ?? []) owed.put(record.id, record)
      for (const record of change.owedRemovals ?? []) owedRemovals.put(record.id, record)
      for (const record of change.networks ?? []) networks.put(record.id, record)
      for (const record of change.endpoints ?? []) endpoints.put(record.id, record)
      for (const record of change.sandboxes ?? []) sandboxes.put(record.containerId, foldSandbox(record))
    })
    this.#remember(change)
  }

  #remember(change: TableChange): void {
    for (const id of change.withoutSandboxes ?? []) {
      const mode = this.#sandboxes.get(id)?.wish.mode
      if (mode?.kind === 'join') removeFrom(this.#joiners, mode.containerId, id)
      this.#sandboxes.delete(id)
    }
    for (const id of change.withoutEndpoints ?? []) this.#forgetEndpoint(id)
    for (const id of change.withoutOwed ?? []) this.#owed.delete(id)
    for (const id of change.withoutOwedRemovals ?? []) this.#owedRemovals.delete(id)
    for (const record of change.owed ?? []) this.#owed.set(record.id, record)
    for (const record of change.owedRemovals ?? []) this.#owedRemovals.set(record.id, record)
    for (const id of change.withoutNetworks ?? []) {
      this.#networkIds.delete(this.#networks.get(id)?.name ?? '')
      this.#networks.delete(id)
    }
    for (const record of change.networks ?? []) {
      this.#networks.set(record.id, record)
      this.#networkIds.set(record.name, record.id)
    }
    for (const record of change.endpoints ?? []) {
      this.#endpoints.set(record.id, record)
      this.#endpointsByLink.set(vethName(record.id), record.id)
      indexed(this.#endpointsOfNetwork, record.networkId).set(record.id, record)
      indexed(this.#endpointsOfContainer, record.containerId).set(record.id, record)
      if (record.links.length > 0) indexed(this.#linkers, record.networkId).set(record.id, record)
    }
    for (const record of change.sandboxes ?? []) {
      const { mode } = record.wish
      if (mode.kind === 'join') indexed(this.#joiners, mode.containerId).set(record.containerId, record)
      this.#sandboxes.set(record.containerId, record)
    }
  }

  #forgetEndpoint(id: string): void {
    const record = this.#endpoints.get(id)
    if (record === undefined) return
    this.#endpoints.delete(id)
    this.#endpointsByLink.delete(vethName(id))
    removeFrom(this.#endpointsOfNetwork, record.networkId, id)
    removeFrom(this.#endpointsOfContainer, record.containerId, id)
    removeFrom(this.#linkers, record.networkId, id)
  }

  /** In the order of their creation. */
  networks(): readonly NetworkRecord[] {
    return [...this.#networks.values()]
  }

  network(id: string): NetworkRecord | undefined {
    return this.#networks.get(id)
  }

  networkNamed(name: string): NetworkRecord | undefined {
    return this.#networks.get(this.#networkIds.get(name) ?? '')
  }

  endpoints(): readonly EndpointRecord[] {
    return [...this.#endpoints.values()]
  }

  endpoint(id: string): EndpointRecord | undefined {
    return this.#endpoints.get(id)
  }

  /** The endpoint that a cable of the host is for, by its name. */
  endpointOfLink(name: string): EndpointRecord | undefined {
    return this.#endpoints.get(this.#endpointsByLink.get(name) ?? '')
  }

  endpointsOfNetwork(networkId: string): readonly EndpointRecord[] {
    return [...(this.#endpointsOfNetwork.get(networkId)?.values() ?? [])]
  }

  hasEndpoints(networkId: string): boolean {
    return this.#endpointsOfNetwork.has(networkId)
  }

  /** In the order in which the container was connected. */
  endpointsOfContainer(containerId: string): readonly EndpointRecord[] {
    return [...(this.#endpointsOfContainer.get(containerId)?.values() ?? [])]
  }

  /** Endpoints on a network that name others by `--link`. */
  linkersOf(networkId: string): readonly EndpointRecord[] {
    return [...(this.#linkers.get(networkId)?.values() ?? [])]
  }

  /** What a plugin, or every plugin, is to get back. */
  owed(driver?: string): readonly OwedRecord[] {
    return [...this.#owed.values()].filter((one) => driver === undefined || one.driver === driver)
  }

  /** What a plugin, or every plugin, is to remove. */
  owedRemovals(driver?: string): readonly OwedRemoval[] {
    return [...this.#owedRemovals.values()].filter((one) => driver === undefined || one.driver === driver)
  }

  sandboxes(): readonly SandboxRecord[] {
    return [...this.#sandboxes.values()]
  }

  /** Who lives in a container's network. */
  joinersOf(containerId: string): readonly SandboxRecord[] {
    return [...(this.#joiners.get(containerId)?.values() ?? [])]
  }

  sandbox(containerId: string): SandboxRecord | undefined {
    return this.#sandboxes.get(containerId)
  }
}

function indexed<T>(index: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const members = index.get(key) ?? new Map<string, T>()
  index.set(key, members)
  return members
}

function removeFrom<T>(index: Map<string, Map<string, T>>, key: string, id: string): void {
  const members = index.get(key)
  members?.delete(id)
  if (members?.size === 0) index.delete(key)
}
