import { EngineError } from '../../base/errors.ts'
import { createId } from '../../base/id.ts'
import { bareAddress } from '../copy/records.ts'
import type { State } from '../copy/state.ts'
import { EtcdError } from '../etcd/errors.ts'
import type { EndpointDraft, EndpointNames, SharedEndpoint, SharedNetwork } from '../model.ts'
import type { Gate } from '../session/gate.ts'
import { addressInUse } from './address-pools.ts'
import type { EndpointWriter } from './endpoint-writer.ts'
import type { HostBlocks } from './host-blocks.ts'
import { notSure, type OwnEndpoints } from './own-endpoints.ts'
import type { Reconciler } from './reconciler.ts'

/** What reserving and giving back endpoints needs. */
export interface EndpointParts {
  readonly state: State
  readonly gate: Gate
  readonly own: OwnEndpoints
  readonly writer: EndpointWriter
  readonly blocks: HostBlocks
  readonly reconciler: Reconciler
  readonly nodeId: string
}

/** Endpoints of this host. What is wished is recorded first, on disk; the reconciler brings etcd to it. */
export class Endpoints {
  readonly #parts: EndpointParts

  constructor(parts: EndpointParts) {
    this.#parts = parts
  }

  /** Takes addresses and records the endpoint; see `Cluster.reserveEndpoint`. */
  async reserve(draft: EndpointDraft): Promise<SharedEndpoint> {
    const { state, gate, own, reconciler } = this.#parts
    const network = state.view.network(draft.networkId)
    if (network === undefined) throw new EngineError('not-found', `network ${draft.networkId} not found`)
    const former = this.#formerOf(draft)
    if (former !== undefined && !gate.isOpen && own.get(former.id)?.reason === '') return this.#takeBack(former, draft)
    const what = `cannot reserve an address for container "${draft.containerName}" on network "${network.name}"`
    return await gate.run(what, async () => {
      // Its address may be the one that is insisted on.
      if (former !== undefined) await reconciler.settle(former.id)
      return await this.#reserveNew(network, draft)
    })
  }

  /** Takes on an endpoint of before; see `Cluster.adoptEndpoint`. */
  async adopt(endpoint: SharedEndpoint): Promise<void> {
    const { own, state, reconciler, nodeId } = this.#parts
    const adopted = { ...endpoint, nodeId }
    own.put('held', adopted)
    state.pools.take(adopted)
    await reconciler.try(endpoint.id)
  }

  /** Changes names; see `Cluster.updateEndpoint`. */
  async update(id: string, { containerName, dnsNames, aliases }: EndpointNames): Promise<void> {
    const { own, reconciler } = this.#parts
    const known = own.get(id)
    if (known === undefined || known.state === 'releasing') {
      throw new EngineError('not-found', `Cannot change endpoint "${id}": this host has none of that id`)
    }
    own.put(known.state, { ...known.endpoint, containerName, dnsNames, aliases }, known.reason)
    await reconciler.try(id)
  }

  /** Gives an endpoint back; see `Cluster.releaseEndpoint`. */
  async release(id: string): Promise<void> {
    const { own, reconciler } = this.#parts
    const known = own.get(id)
    if (known === undefined) return
    own.put('releasing', known.endpoint, known.reason) // one from quarantine is another's
    await reconciler.try(id)
  }

  async #reserveNew(network: SharedNetwork, draft: EndpointDraft): Promise<SharedEndpoint> {
    const { state, own, writer, reconciler, blocks } = this.#parts
    const id = createId()
    /** Choices that turned out to be somebody else's: taken for as long as we choose, lest they come again. */
    const missed: SharedEndpoint[] = []
    try {
      for (;;) {
        const block = await blocks.own(network)
        const endpoint = this.#draft(id, network, draft, missed.length, block)
        own.put('reserving', endpoint)
        const outcome = await writer.write(endpoint)
        if (outcome.result === 'written') {
          own.put('held', endpoint)
          return endpoint
        }
        missed.push(endpoint)
        if (outcome.result === 'no-network') throw new EngineError('not-found', `network ${network.id} not found`)
        if (outcome.addresses.some((one) => one === draft.ipv4 || one === draft.ipv6)) throw addressInUse()
        if (block !== undefined && outcome.addresses.includes(block)) blocks.forget(network.id)
        this.#keepFree(endpoint, outcome.addresses)
      }
    } catch (error) {
      // Nobody knows whether it was written when the answer was lost: then it is given back when etcd answers again.
      const known = own.get(id)
      if (known !== undefined && error instanceof EtcdError) {
        own.put('releasing', known.endpoint, notSure)
        reconciler.later(id)
      } else own.forget(id)
      throw error
    } finally {
      const kept = own.get(id)?.endpoint
      for (const one of missed) state.pools.release(withoutAddressesOf(one, kept))
    }
  }

  /** The address of the other family was free: it can be chosen again. */
  #keepFree(endpoint: SharedEndpoint, taken: readonly string[]): void {
    const free = (cidr: string | undefined): cidr is string => cidr !== undefined && !taken.includes(bareAddress(cidr))
    const { id, networkId, ipv4, ipv6 } = endpoint
    this.#parts.state.pools.release({ id, networkId, ...(free(ipv4) && { ipv4 }), ...(free(ipv6) && { ipv6 }) })
  }

  #draft(
    id: string,
    network: SharedNetwork,
    draft: EndpointDraft,
    misses: number,
    block: string | undefined,
  ): SharedEndpoint {
    const { state, nodeId } = this.#parts
    const { networkId, containerId, containerName, dnsNames, aliases, mac } = draft
    const choice = state.pools.choose(network, draft, id, misses, block)
    const main = choice.ipv4 ?? choice.ipv6
    return {
      id,
      networkId,
      nodeId,
      containerId,
      containerName,
      mac: (typeof mac === 'string' ? mac : mac(bareAddress(main ?? ''))).toLowerCase(),
      ...choice,
      dnsNames,
      aliases,
    }
  }

  /** What the container had on that network and has given up, while etcd does not know yet. */
  #formerOf({ networkId, containerId, ipv4, ipv6 }: EndpointDraft): SharedEndpoint | undefined {
    const fits = (wish: string | undefined, has: string | undefined) =>
      wish === undefined || (has !== undefined && bareAddress(has) === wish)
    return this.#parts.own
      .list()
      .filter(({ state }) => state === 'releasing')
      .map(({ endpoint }) => endpoint)
      .find(
        (one) =>
          one.networkId === networkId &&
          one.containerId === containerId &&
          fits(ipv4, one.ipv4) &&
          fits(ipv6, one.ipv6),
      )
  }

  #takeBack(former: SharedEndpoint, { containerName, dnsNames, aliases, mac }: EndpointDraft): SharedEndpoint {
    const main = bareAddress(former.ipv4 ?? former.ipv6 ?? '')
    const taken = {
      ...former,
      containerName,
      dnsNames,
      aliases,
      mac: (typeof mac === 'string' ? mac : mac(main)).toLowerCase(),
    }
    this.#parts.own.put('held', taken)
    return taken
  }
}

/** An endpoint that was not to be, without the addresses that the one has that came to be. */
function withoutAddressesOf(one: SharedEndpoint, kept: SharedEndpoint | undefined): SharedEndpoint {
  const { ipv4, ipv6, ...rest } = one
  const isOwn4 = ipv4 !== undefined && ipv4 !== kept?.ipv4
  const isOwn6 = ipv6 !== undefined && ipv6 !== kept?.ipv6
  return { ...rest, ...(isOwn4 && { ipv4 }), ...(isOwn6 && { ipv6 }) }
}
