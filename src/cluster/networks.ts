import { rfc3339Now } from '../base/clock.ts'
import { EngineError } from '../base/errors.ts'
import { createId, shortId } from '../base/id.ts'
import { formatRecord, parseEndpoint, parseNetwork } from './copy/records.ts'
import type { State } from './copy/state.ts'
import type { Addressing } from './endpoints/addressing.ts'
import type { EtcdClient } from './etcd/client.ts'
import { type KeyValue, prefixEnd } from './etcd/codec.ts'
import type { NetworkDraft, SharedEndpoint, SharedNetwork } from './model.ts'
import type { Gate } from './session/gate.ts'

/** Identifiers that networks get when they name none. */
export interface VniRange {
  readonly first: number
  readonly last: number
}

/** What making and removing networks needs. */
export interface NetworkParts {
  readonly client: EtcdClient
  readonly state: State
  readonly gate: Gate
  readonly addressing: Addressing
  readonly vnis: VniRange
  readonly nodeId: string
}

/** How often others may be quicker before we give up: each time one of them has made a network. */
const mostTurns = 200

/** Networks that all hosts share. */
export class Networks {
  readonly #parts: NetworkParts

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  /** Makes a network; see `Cluster.createNetwork`. */
  async create({ blocks, ...draft }: NetworkDraft): Promise<SharedNetwork> {
    const { gate, nodeId, addressing } = this.#parts
    const identity = { id: createId(), created: rfc3339Now(), createdBy: nodeId }
    return await gate.run(`cannot create network "${draft.name}"`, () =>
      this.#write(draft.name, (others, squatted) => {
        const hosts = this.#parts.state.nodes.list().map(({ address }) => address)
        const subnets = addressing.planSubnets(draft, subnetsOf(others), hosts)
        const vni = chooseVni(draft, this.#parts.vnis, others, squatted)
        const length = blocks && addressing.blockLength(subnets[0]!.subnet, blocks.length)
        return { ...draft, ...identity, subnets, vni, ...(length !== undefined && { hostPrefixLength: length }) }
      }),
    )
  }

  /**
   * Writes a network again that an older backup of etcd has lost, as it was.
   *
   * @throws {EngineError} when its name, VNI or a subnet is another's by now
   */
  async restore(network: SharedNetwork): Promise<void> {
    const { addressing, vnis, gate } = this.#parts
    await gate.run(`cannot restore network "${network.name}"`, () =>
      this.#write(network.name, (others, squatted) => {
        if (others.some(({ id }) => id === network.id)) return undefined
        addressing.planSubnets(network, subnetsOf(others), [])
        chooseVni(network, vnis, others, squatted)
        return network
      }),
    )
  }

  /** Removes a network; see `Cluster.removeNetwork`. */
  async remove(id: string): Promise<void> {
    const { state, client, gate } = this.#parts
    const network = state.view.network(id)
    if (network === undefined) throw new EngineError('not-found', `network ${id} not found`)
    const { keys } = state
    const [net, name, vni] = [keys.net(id), keys.name(network.name), keys.vni(network.vni)]
    await gate.run(`cannot remove network "${network.name}"`, async () => {
      for (let turn = 0; turn < mostTurns; turn++) {
        const answer = await client.txn(
          [{ key: net, exists: true }, { emptyPrefix: keys.ep(id, '') }],
          [{ delete: net }, { delete: name }, { delete: vni }, { deletePrefix: keys.block(id, '') }],
          [{ get: net }],
        )
        if (answer.succeeded || answer.reads[0] === undefined) {
          return state.anticipate(answer.header.revision, [[net, undefined]])
        }
        const holders = await this.#holders(id)
        // The last of them may have left after the transaction: then nobody is in the way any more.
        if (holders.length > 0) throw inUse(network, holders)
      }
      throw new EngineError(
        'unavailable',
        `Cannot remove network "${network.name}": endpoints come and go all the time`,
      )
    })
  }

  /**
   * Writes what `plan` makes of the networks that there are, when nobody else has written one meanwhile.
   *
   * @param plan is asked again when others were quicker; undefined: there is nothing to do
   */
  async #write<T extends SharedNetwork | undefined>(
    name: string,
    plan: (others: readonly SharedNetwork[], squatted: ReadonlySet<number>) => T,
  ): Promise<T> {
    const { client, state } = this.#parts
    const { keys } = state
    const squatted = new Set<number>()
    for (let turn = 0; turn < mostTurns; turn++) {
      // The turn is read before the networks: whoever writes one in between changes it.
      const before = (await client.txn([], [{ get: keys.turn }])).reads[0]?.modRevision ?? 0
      const { kvs } = await client.list(...keys.nets())
      const others = kvs.flatMap(({ value }) => parseNetwork(value) ?? [])
      const network = plan(others, squatted)
      if (network === undefined) return network
      if (others.some((other) => other.name === name)) throw nameTaken(name)
      const { id, vni } = network
      const net = [keys.net(id), formatRecord('network', network)] as const
      const answer = await client.txn(
        [
          { key: keys.name(name), exists: false },
          { key: keys.vni(vni), exists: false },
          { key: keys.turn, modRevision: before },
        ],
        [
          { put: net[0], value: net[1] },
          { put: keys.name(name), value: id },
          { put: keys.vni(vni), value: id },
          { put: keys.turn, value: id },
        ],
        [{ get: keys.name(name) }, { get: keys.vni(vni) }, { get: net[0] }],
      )
      const [named, numbered, written] = answer.reads
      // Written already: the transaction was sent twice, because its first answer was lost.
      if (answer.succeeded || written?.value === net[1]) {
        state.anticipate(answer.succeeded ? answer.header.revision : written!.modRevision, [net])
        return network
      }
      if (named !== undefined && (await isStillThere(client, keys.net(named.value)))) throw nameTaken(name)
      if (named !== undefined) await this.#dropOrphan(named)
      if (numbered !== undefined) squatted.add(vni)
    }
    throw new EngineError('unavailable', `Cannot create network "${name}": others make networks all the time`)
  }

  /** A claim on a name whose network is not there: of a backup, or somebody else's. It must not block the name for ever. */
  async #dropOrphan({ key, modRevision }: KeyValue): Promise<void> {
    await this.#parts.client.txn([{ key, modRevision }], [{ delete: key }])
  }

  /** Who is on a network now, in words. */
  async #holders(id: string): Promise<string[]> {
    const { client, state } = this.#parts
    const prefix = state.keys.ep(id, '')
    const { kvs } = await client.list(prefix, prefixEnd(prefix))
    return kvs.map(({ key, value }) => {
      const endpoint = parseEndpoint(value)
      return endpoint === undefined ? `key:${JSON.stringify(key)}` : this.#holder(endpoint)
    })
  }

  #holder({ containerName, containerId, nodeId }: SharedEndpoint): string {
    const host = this.#parts.state.nodes.get(nodeId)?.name ?? shortId(nodeId)
    return `name:"${containerName}" id:"${shortId(containerId)}" host:"${host}"`
  }
}

async function isStillThere(client: EtcdClient, key: string): Promise<boolean> {
  return (await client.txn([], [{ get: key }])).reads[0] !== undefined
}

function subnetsOf(networks: readonly SharedNetwork[]): string[] {
  return networks.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet))
}

function inUse({ name }: SharedNetwork, holders: readonly string[]): EngineError {
  const what = `error while removing network: network ${name} has active endpoints (${holders.join(', ')})`
  return new EngineError('forbidden', what)
}

function nameTaken(name: string): EngineError {
  return new EngineError('conflict', `network with name ${name} already exists`)
}

/** @throws {EngineError} `invalid-argument` when the one that is wanted is taken, or all are */
function chooseVni(
  { name, vni: wanted }: Pick<NetworkDraft, 'name' | 'vni'>,
  { first, last }: VniRange,
  others: readonly SharedNetwork[],
  squatted: ReadonlySet<number>,
): number {
  const cannot = `Cannot create network "${name}"`
  const owners = new Map(others.map((other) => [other.vni, other.name]))
  if (wanted !== undefined) {
    if (!(wanted >= 1 && wanted < 2 ** 24)) {
      throw new EngineError('invalid-argument', `${cannot}: VXLAN id ${wanted} is not between 1 and ${2 ** 24 - 1}`)
    }
    if (!owners.has(wanted) && !squatted.has(wanted)) return wanted
    const owner = owners.has(wanted) ? `network "${owners.get(wanted)}"` : 'somebody else'
    throw new EngineError('invalid-argument', `${cannot}: VXLAN id ${wanted} is in use by ${owner}`)
  }
  for (let vni = first; vni <= last; vni++) if (!owners.has(vni) && !squatted.has(vni)) return vni
  throw new EngineError('invalid-argument', `${cannot}: all VXLAN ids from ${first} to ${last} are in use`)
}
