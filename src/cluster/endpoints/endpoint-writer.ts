import { addressesOf, formatRecord } from '../copy/records.ts'
import type { State } from '../copy/state.ts'
import type { EtcdClient } from '../etcd/client.ts'
import type { Compare, Step } from '../etcd/codec.ts'
import { EtcdError } from '../etcd/errors.ts'
import type { SharedEndpoint } from '../model.ts'

/** What became of writing an endpoint: `taken` are those of its addresses that are another's. */
export type Written =
  | { readonly result: 'written' }
  | { readonly result: 'no-network' }
  | { readonly result: 'taken'; readonly addresses: readonly string[] }

/** A key that must be nobody else's. */
interface Claim {
  readonly key: string
  /** Whose it is then. */
  readonly value: string
  /** What it claims: an address, or a block. */
  readonly address: string
}

/** Writes and erases endpoints in etcd, with their addresses: both or neither. May be repeated at any point. */
export class EndpointWriter {
  readonly #client: EtcdClient
  readonly #state: State
  readonly #onRemoved: () => void

  /** @param onRemoved this node was removed: it must register before it can own anything */
  constructor(client: EtcdClient, state: State, onRemoved: () => void) {
    this.#client = client
    this.#state = state
    this.#onRemoved = onRemoved
  }

  /** Makes etcd have the endpoint, its addresses free or its own before. @throws {EtcdError} */
  async write(endpoint: SharedEndpoint): Promise<Written> {
    const { keys } = this.#state
    const net = keys.net(endpoint.networkId)
    const claims = [...this.#claims(endpoint), ...this.#blockClaims(endpoint)]
    const key = keys.ep(endpoint.networkId, endpoint.id)
    const value = formatRecord('endpoint', endpoint)
    const owner = keys.nodereg(endpoint.nodeId)
    const read: Step[] = [{ get: net }, { get: owner }, ...claims.map(({ key: ip }) => ({ get: ip }))]
    let own: ReadonlySet<string> = new Set()
    for (;;) {
      const compare: Compare[] = claims.map((claim) => (own.has(claim.key) ? claim : { key: claim.key, exists: false }))
      const steps: Step[] = [{ put: key, value }, ...claims.map((claim) => ({ put: claim.key, value: claim.value }))]
      const { succeeded, header, reads } = await this.#client.txn(
        [{ key: net, exists: true }, { key: owner, exists: true }, ...compare],
        steps,
        read,
      )
      if (succeeded) {
        this.#state.anticipate(header.revision, [[key, value]])
        return { result: 'written' }
      }
      const [network, node, ...owners] = reads
      if (node === undefined) {
        this.#onRemoved()
        throw new EtcdError('unreachable', 'this node was removed from the cluster')
      }
      if (network === undefined) return { result: 'no-network' }
      const taken = claims.filter((_, at) => owners[at] !== undefined && owners[at].value !== claims[at]!.value)
      if (taken.length > 0) return { result: 'taken', addresses: taken.map(({ address }) => address) }
      own = new Set(claims.filter((_, at) => owners[at] !== undefined).map(({ key: ip }) => ip))
    }
  }

  /** Makes etcd not have the endpoint; addresses that are another's by now stay. @throws {EtcdError} */
  async erase(endpoint: SharedEndpoint): Promise<void> {
    const key = this.#state.keys.ep(endpoint.networkId, endpoint.id)
    let claims = this.#claims(endpoint)
    for (;;) {
      const { succeeded, header, reads } = await this.#client.txn(
        claims.map(({ key: ip }) => ({ key: ip, value: endpoint.id })),
        [{ delete: key }, ...claims.map(({ key: ip }) => ({ delete: ip }))],
        claims.map(({ key: ip }) => ({ get: ip })),
      )
      if (succeeded) {
        this.#state.anticipate(header.revision, [[key, undefined]])
        return
      }
      claims = claims.filter((_, at) => reads[at]?.value === endpoint.id)
    }
  }

  /** The block that its address lies in is its host's, where hosts have their own; it stays so without the endpoint. */
  #blockClaims({ networkId, nodeId, ipv4 }: SharedEndpoint): Claim[] {
    const { keys, view, pools } = this.#state
    if (ipv4 === undefined || view.network(networkId)?.hostPrefixLength === undefined) return []
    const block = pools.blockOf(ipv4)
    return [{ key: keys.block(networkId, block), value: nodeId, address: block }]
  }

  #claims(endpoint: SharedEndpoint): Claim[] {
    return addressesOf(endpoint).map((address) => ({
      key: this.#state.keys.ip(endpoint.networkId, address),
      value: endpoint.id,
      address,
    }))
  }
}
