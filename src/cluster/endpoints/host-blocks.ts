import { EngineError } from '../../base/errors.ts'
import type { Keys } from '../copy/keys.ts'
import type { EtcdClient } from '../etcd/client.ts'
import { prefixEnd } from '../etcd/codec.ts'
import type { SharedNetwork } from '../model.ts'
import type { Addressing } from './addressing.ts'

/**
 * Which block of a network this host takes its addresses from, where each host has one of its own.
 *
 * A block is claimed in the transaction that writes the first endpoint in it, and stays the host's until the network or
 * the node is removed: what is answered here is a choice, which etcd may refuse.
 */
export class HostBlocks {
  readonly #client: EtcdClient
  readonly #keys: Keys
  readonly #addressing: Addressing
  readonly #nodeId: string
  /** By network. */
  readonly #own = new Map<string, string>()

  constructor(parts: {
    readonly client: EtcdClient
    readonly keys: Keys
    readonly addressing: Addressing
    readonly nodeId: string
  }) {
    this.#client = parts.client
    this.#keys = parts.keys
    this.#addressing = parts.addressing
    this.#nodeId = parts.nodeId
  }

  /**
   * This host's block, or one that nobody has; undefined where hosts have none.
   *
   * @throws {EngineError} `internal` when other hosts have all of them; {EtcdError}
   */
  async own(network: SharedNetwork): Promise<string | undefined> {
    const known = this.#own.get(network.id)
    if (network.hostPrefixLength === undefined || known !== undefined) return known
    const { kvs } = await this.#client.list(...this.#keys.blocks(network.id))
    const prefix = this.#keys.block(network.id, '')
    const owners = new Map(kvs.map(({ key, value }) => [key.slice(prefix.length).replace('_', '/'), value]))
    const block = [...owners].find(([, owner]) => owner === this.#nodeId)?.[0] ?? this.#free(network, owners)
    this.#own.set(network.id, block)
    return block
  }

  /** The choice was refused. */
  forget(networkId: string): void {
    this.#own.delete(networkId)
  }

  #free({ name, subnets, hostPrefixLength }: SharedNetwork, owners: ReadonlyMap<string, string>): string {
    const { subnet } = subnets[0]!
    let count = 0
    for (const block of this.#addressing.blocks(subnet, hostPrefixLength!)) {
      if (!owners.has(block)) return block
      count++
    }
    const why = `other hosts have all ${count} blocks of /${hostPrefixLength} in ${subnet}`
    throw new EngineError('internal', `Cannot give this host addresses of network "${name}": ${why}`)
  }
}

/** Gives up all blocks of a node that is gone. @throws {EtcdError} */
export async function releaseBlocks(client: EtcdClient, keys: Keys, nodeId: string): Promise<void> {
  const all = keys.allBlocks()
  const { kvs } = await client.list(all, prefixEnd(all))
  for (const { key, value } of kvs) {
    if (value === nodeId) await client.txn([{ key, value }], [{ delete: key }])
  }
}
