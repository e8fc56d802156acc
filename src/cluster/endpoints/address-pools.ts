import { EngineError } from '../../base/errors.ts'
import { addressesOf, isIPv6Subnet } from '../copy/records.ts'
import type { ClusterChange, EndpointDraft, SharedEndpoint, SharedNetwork } from '../model.ts'
import type { Addressing, AddressPool } from './addressing.ts'

/** After so many misses hosts are as far apart as they need to be. */
const mostDoublings = 10

type Family = 'ipv4' | 'ipv6'

interface CountedPool {
  readonly family: Family
  /** Bits, to be written behind an address. */
  readonly length: string
  readonly pool: AddressPool
}

interface Book {
  /** Of this host, where hosts have their own. */
  readonly block: string | undefined
  readonly pools: readonly CountedPool[]
  /** Endpoint that an address is taken for. */
  readonly owners: Map<string, string>
}

/** Addresses that were chosen for an endpoint, with their lengths. */
export type Choice = Pick<SharedEndpoint, 'ipv4' | 'ipv6'>

/**
 * Which addresses of which network are taken, as far as this host knows: where a choice begins, so that it seldom
 * has to be made twice. Etcd decides.
 */
export class AddressPools {
  readonly #books = new Map<string, Book>()
  readonly #addressing: Addressing
  readonly #endpoints: (networkId: string) => readonly SharedEndpoint[]

  /** @param endpoints of a network, as they are known now */
  constructor(addressing: Addressing, endpoints: (networkId: string) => readonly SharedEndpoint[]) {
    this.#addressing = addressing
    this.#endpoints = endpoints
  }

  /** Follows what others do. */
  apply(changes: readonly ClusterChange[]): void {
    for (const change of changes) {
      if (change.type === 'endpoint-added') this.take(change.endpoint)
      else if (change.type === 'endpoint-removed') this.release(change.endpoint)
      else if (change.type === 'network-removed') this.#books.delete(change.network.id)
    }
  }

  /** Counts an endpoint's addresses as taken, by it from now on. */
  take(endpoint: SharedEndpoint): void {
    const book = this.#books.get(endpoint.networkId)
    for (const address of book ? addressesOf(endpoint) : []) {
      book!.owners.set(address, endpoint.id)
      for (const { pool } of book!.pools) pool.take(address)
    }
  }

  /** Counts an endpoint's addresses as free, but for those that are another's by now. */
  release({ id, networkId, ...choice }: Choice & Pick<SharedEndpoint, 'id' | 'networkId'>): void {
    const book = this.#books.get(networkId)
    for (const address of book ? addressesOf(choice) : []) {
      if (book!.owners.get(address) !== id) continue
      book!.owners.delete(address)
      for (const { pool } of book!.pools) pool.release(address)
    }
  }

  /**
   * Takes one address of each family that the network has: all or none.
   *
   * @param id of the endpoint that they are for
   * @param misses how often the choice was another host's already: hosts that choose at the same time go apart
   * @param block of this host, where hosts have their own: the addresses and their length are of it
   * @throws {EngineError} in Docker's words: `internal` when a subnet is full; `forbidden` for one that is insisted on
   *   and nobody can have; `invalid-argument` for one of a family that the network has not
   */
  choose(
    network: SharedNetwork,
    wish: Pick<EndpointDraft, 'ipv4' | 'ipv6'>,
    id: string,
    misses = 0,
    block?: string,
  ): Choice {
    const chosen: { ipv4?: string; ipv6?: string } = {}
    if (block !== undefined && wish.ipv4 !== undefined) this.#checkBlock(network, wish.ipv4, block)
    const { pools, owners } = this.#open(network, block)
    try {
      for (const [family, own] of Map.groupBy(pools, (one) => one.family)) {
        const wished = wish[family]
        const found = wished === undefined ? takeNext(own, misses) : takeWished(own, wished, owners)
        const { address, length } = found ?? refuseFull(family, network)
        // One that is another's stays so until etcd has decided.
        if (!owners.has(address)) owners.set(address, id)
        chosen[family] = `${address}/${length}`
      }
      checkFamilies(wish, chosen)
    } catch (error) {
      this.release({ id, networkId: network.id, ...chosen })
      throw error
    }
    return chosen
  }

  /** See `Addressing.blockOf`. */
  blockOf(cidr: string): string {
    return this.#addressing.blockOf(cidr)
  }

  #checkBlock({ name }: SharedNetwork, address: string, block: string): void {
    const length = block.split('/')[1]!
    if (this.#addressing.blockOf(`${address}/${length}`) === block) return
    const why = `this host's addresses on network "${name}" are those of ${block}, and ${address} is another host's`
    throw new EngineError('invalid-argument', `invalid endpoint settings:\n${why}`)
  }

  #open(network: SharedNetwork, block: string | undefined): Book {
    const known = this.#books.get(network.id)
    if (known !== undefined && known.block === block) return known
    const own = block === undefined ? [] : [{ subnet: block, gateway: this.#addressing.gatewayOf(block) }]
    const pools = (block === undefined ? network.subnets : own).map((subnet): CountedPool => {
      const family = isIPv6Subnet(subnet) ? 'ipv6' : 'ipv4'
      const pool = this.#addressing.openPool(subnet, network.ipamOptions)
      return { family, length: subnet.subnet.split('/')[1]!, pool }
    })
    const book = { block, pools, owners: new Map() }
    this.#books.set(network.id, book)
    for (const endpoint of this.#endpoints(network.id)) this.take(endpoint)
    return book
  }
}

function checkFamilies(wish: Pick<EndpointDraft, 'ipv4' | 'ipv6'>, chosen: Choice): void {
  const missing = (['ipv4', 'ipv6'] as const).find((one) => wish[one] !== undefined && chosen[one] === undefined)
  if (missing !== undefined) throw notInside(wish[missing]!)
}

function notInside(address: string): EngineError {
  const why = `no configured subnet contains IP address ${address}`
  return new EngineError('invalid-argument', `invalid endpoint settings:\n${why}`)
}

/** The refusal of an address that is somebody else's. */
export function addressInUse(): EngineError {
  return new EngineError('forbidden', 'Address already in use')
}

interface Found {
  readonly address: string
  readonly length: string
}

/** The address that is insisted on. Its owner may have given it up a moment ago: that is for etcd to say. */
function takeWished(pools: readonly CountedPool[], address: string, owners: ReadonlyMap<string, string>): Found {
  const home = pools.find(({ pool }) => pool.contains(address))
  if (home === undefined) throw notInside(address)
  if (home.pool.take(address) || owners.has(address)) return { address, length: home.length }
  throw addressInUse()
}

/** The next address of the first subnet that has one; undefined: all are full. */
function takeNext(pools: readonly CountedPool[], misses: number): Found | undefined {
  for (const { pool, length } of pools) {
    const address = takeAhead(pool, misses)
    if (address !== undefined) return { address, length }
  }
  return undefined
}

/**
 * The next address; after misses one further on, by chance, at most twice as far each time. Hosts that all took the
 * very next one would meet again at each address, and go on one at a time.
 */
function takeAhead(pool: AddressPool, misses: number): string | undefined {
  const steps = Math.floor(Math.random() * 2 ** Math.min(misses, mostDoublings))
  const taken: string[] = []
  for (let step = 0; step <= steps; step++) {
    const address = pool.next()
    if (address === undefined) break
    taken.push(address)
  }
  const chosen = taken.pop()
  for (const address of taken) pool.release(address)
  return chosen
}

function refuseFull(family: Family, { name, id }: SharedNetwork): never {
  const words = family === 'ipv4' ? 'IPv4' : 'IPv6'
  throw new EngineError('internal', `no available ${words} addresses on this network's address pools: ${name} (${id})`)
}
