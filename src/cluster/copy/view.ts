import type { Log } from '../../base/log.ts'
import type { ClusterChange, SharedEndpoint, SharedNetwork } from '../model.ts'
import type { HeldSecrets, SharedSecrets } from '../secrets/secrets-model.ts'
import type { Keys } from './keys.ts'
import type { NodeTable } from './node-table.ts'
import { parseEndpoint, parseLife, parseNetwork, parseRegistration } from './records.ts'
import type { KeyChange } from './replica.ts'
import { SecretsTable } from './secrets-table.ts'

/**
 * What the watched keys mean. Keys and values that are not ours are named once in the log, and are not there.
 */
export class View {
  readonly #networks = new Map<string, SharedNetwork>()
  readonly #endpoints = new Map<string, SharedEndpoint>()
  /** By network, then by id. */
  readonly #byNetwork = new Map<string, Map<string, SharedEndpoint>>()
  readonly #warned = new Set<string>()
  readonly #secrets: SecretsTable
  readonly #keys: Keys
  readonly #nodes: NodeTable
  readonly #log: Log

  constructor({ keys, nodes, log }: { readonly keys: Keys; readonly nodes: NodeTable; readonly log: Log }) {
    this.#keys = keys
    this.#nodes = nodes
    this.#log = log
    this.#secrets = new SecretsTable(log)
  }

  networks(): SharedNetwork[] {
    return [...this.#networks.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  network(id: string): SharedNetwork | undefined {
    return this.#networks.get(id)
  }

  endpoints(networkId: string): SharedEndpoint[] {
    return [...(this.#byNetwork.get(networkId)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  endpoint(id: string): SharedEndpoint | undefined {
    return this.#endpoints.get(id)
  }

  secrets(networkId: string): SharedSecrets | undefined {
    return this.#secrets.secrets(networkId)
  }

  heldSecrets(networkId: string): readonly HeldSecrets[] {
    return this.#secrets.held(networkId)
  }

  ofNode(nodeId: string): SharedEndpoint[] {
    return [...this.#endpoints.values()].filter((one) => one.nodeId === nodeId)
  }

  /**
   * Takes changes of keys. What comes into being is told before what needs it, what goes away after.
   *
   * @returns what they mean
   */
  apply(changes: readonly KeyChange[]): ClusterChange[] {
    const told = changes.flatMap((change) => this.#apply(change))
    return told.sort((a, b) => rankOf(a) - rankOf(b))
  }

  #apply({ key, after }: KeyChange): ClusterChange[] {
    const name = this.#keys.parse(key)
    if (name === undefined) return this.#warn(key, after)
    if (name.kind === 'net') return this.#setNetwork(key, name.id, after)
    if (name.kind === 'ep') return this.#setEndpoint(key, name, after)
    if (name.kind === 'cluster') return []
    if (name.kind === 'secret') return this.#secrets.setSecrets(name.id, after)
    if (name.kind === 'secretheld') return this.#secrets.setHeld(name.networkId, name.id, after)
    if (name.kind === 'node') {
      return this.#nodes.live(name.id, this.#read(key, after, parseLife))
    }
    return this.#nodes.register(name.id, this.#read(key, after, parseRegistration))
  }

  #setNetwork(key: string, id: string, text: string | undefined): ClusterChange[] {
    const network = this.#read(key, text, (value) => withId(parseNetwork(value), id))
    const before = this.#networks.get(id)
    if (network !== undefined) this.#networks.set(id, network)
    else this.#networks.delete(id)
    // Never changed by us: somebody else's edit is told as another network in its place.
    return [
      ...(before ? [{ type: 'network-removed', network: before } as const] : []),
      ...(network ? [{ type: 'network-added', network } as const] : []),
    ]
  }

  #setEndpoint(key: string, { id, networkId }: { id: string; networkId: string }, text?: string): ClusterChange[] {
    const endpoint = this.#read(key, text, (value) => {
      const one = withId(parseEndpoint(value), id)
      return one?.networkId === networkId ? one : undefined
    })
    const before = this.#byNetwork.get(networkId)?.get(id)
    if (endpoint === undefined) {
      if (before === undefined) return []
      this.#byNetwork.get(networkId)!.delete(id)
      if (this.#byNetwork.get(networkId)!.size === 0) this.#byNetwork.delete(networkId)
      this.#endpoints.delete(id)
      return [{ type: 'endpoint-removed', endpoint: before }]
    }
    const inNetwork = this.#byNetwork.get(networkId) ?? new Map<string, SharedEndpoint>()
    this.#byNetwork.set(networkId, inNetwork.set(id, endpoint))
    this.#endpoints.set(id, endpoint)
    return [before ? { type: 'endpoint-changed', endpoint, before } : { type: 'endpoint-added', endpoint }]
  }

  #read<T>(key: string, text: string | undefined, parse: (text: string) => T | undefined): T | undefined {
    const value = text === undefined ? undefined : parse(text)
    if (value === undefined) this.#warn(key, text)
    return value
  }

  #warn(key: string, text: string | undefined): [] {
    if (text === undefined) this.#warned.delete(key)
    else if (!this.#warned.has(key)) {
      this.#warned.add(key)
      this.#log.warn('skips a key that is not of this cluster', { key, value: text.slice(0, 100) })
    }
    return []
  }
}

function withId<T extends { readonly id: string }>(value: T | undefined, id: string): T | undefined {
  return value?.id === id ? value : undefined
}

/** Networks and nodes first, then what is on them; what goes comes last. */
function rankOf({ type }: ClusterChange): number {
  if (type === 'network-added' || type === 'node-joined' || type === 'node-changed') return 0
  return type === 'network-removed' || type === 'node-left' ? 2 : 1
}
