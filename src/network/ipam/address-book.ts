import { EngineError } from '../../base/errors.ts'
import type { EndpointRecord, IpamConfig, NetworkRecord } from '../model.ts'
import { AddressAllocator } from './allocator.ts'
import { localConfigs } from './local-configs.ts'
import {
  bareAddress,
  type Family,
  formatPrefix,
  type Prefix,
  parsePrefix,
  requirePrefix,
  withLength,
} from './prefix.ts'
import { PrefixIndex } from './prefix-index.ts'
import { type Taken, TakenBlocks } from './taken-blocks.ts'

/** Of the default address manager: addresses one after the other. */
const serialOption = 'com.docker.network.ipam.serial'

/** The addresses of one endpoint, with their lengths: `"172.18.0.2/16"`. */
export interface Lease {
  readonly ipv4?: string
  readonly ipv6?: string
}

/** Addresses that a container insists on, without lengths. */
export interface LeaseWish {
  readonly ipv4?: string
  readonly ipv6?: string
}

interface Subnet {
  readonly prefix: Prefix
  readonly allocator: AddressAllocator
}

/** Of one network, those of a family in the order in which they are used up. */
type Subnets = readonly Subnet[]

/** A subnet of a network. */
export interface PlacedSubnet {
  readonly networkId: string
  readonly prefix: Prefix
}

/**
 * Which addresses of which network are taken.
 *
 * The endpoints' records are the leases; this is their index, made again from them when the engine starts.
 */
export class AddressBook {
  readonly #subnets = new Map<string, Subnets>()
  readonly #places = new PrefixIndex<PlacedSubnet>()
  readonly #taken = new TakenBlocks()

  /** Begins to count a network's addresses. @param endpoints those that there are, in the order of their making */
  open(network: NetworkRecord, endpoints: readonly Lease[] = []): void {
    const { id, ipam } = network
    const subnets = localConfigs(network).map((config) => openSubnet(config, ipam.options))
    this.close(id)
    this.#subnets.set(id, subnets)
    for (const { prefix } of subnets) {
      this.#places.put(placeOf(id, prefix), prefix, { networkId: id, prefix })
      this.#taken.put(prefix)
    }
    for (const cidr of endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])) {
      if (cidr !== undefined) home(subnets, bareAddress(cidr))?.allocator.restore(bareAddress(cidr))
    }
  }

  /** The subnets of all networks, as they are at any time. */
  get taken(): Taken {
    return this.#taken
  }

  /** The subnets that share an address with `prefix`. */
  overlapping(prefix: Prefix): readonly PlacedSubnet[] {
    return this.#places.overlapping(prefix)
  }

  /** The subnets of one network. */
  subnetsOf(networkId: string): readonly PlacedSubnet[] {
    return (this.#subnets.get(networkId) ?? []).map(({ prefix }) => ({ networkId, prefix }))
  }

  /** Forgets a network that is gone. */
  close(networkId: string): void {
    for (const { prefix } of this.subnetsOf(networkId)) {
      this.#places.delete(placeOf(networkId, prefix))
      this.#taken.delete(prefix)
    }
    this.#subnets.delete(networkId)
  }

  /**
   * Takes one address of each family that the network has: all or none.
   *
   * @throws {EngineError} `forbidden` when a static one is taken, `internal` when the subnet is full; Docker's words
   */
  reserve(network: NetworkRecord, wish: LeaseWish): Lease {
    const subnets = this.#subnets.get(network.id) ?? []
    const lease: { ipv4?: string; ipv6?: string } = {}
    try {
      for (const [family, own] of Map.groupBy(subnets, ({ prefix }) => prefix.family)) {
        lease[family] = take(own, wish[family]) ?? refuseFull(family, network)
      }
      return lease
    } catch (error) {
      this.release(network.id, lease)
      throw error
    }
  }

  /** Gives a lease back; a network that is gone has none. */
  release(networkId: string, { ipv4, ipv6 }: Pick<EndpointRecord, 'ipv4' | 'ipv6'> | Lease): void {
    const subnets = this.#subnets.get(networkId) ?? []
    for (const cidr of [ipv4, ipv6]) {
      if (cidr !== undefined) home(subnets, bareAddress(cidr))?.allocator.release(bareAddress(cidr))
    }
  }
}

function placeOf(networkId: string, prefix: Prefix): string {
  return `${networkId} ${formatPrefix(prefix)}`
}

function home(subnets: Subnets, address: string): Subnet | undefined {
  return subnets.find(({ allocator }) => allocator.contains(address))
}

function openSubnet(
  { subnet, ipRange, gateway, auxAddresses = {} }: IpamConfig,
  options: NetworkRecord['ipam']['options'],
): Subnet {
  const prefix = requirePrefix(subnet, 'subnet')
  const isSerial = options[serialOption] === 'true'
  const range = ipRange === undefined ? undefined : parsePrefix(ipRange)
  const reserved = [...(gateway === undefined ? [] : [gateway]), ...Object.values(auxAddresses)]
  return { prefix, allocator: new AddressAllocator({ subnet: prefix, reserved, isSerial, ...(range && { range }) }) }
}

/** The address that is insisted on, or the next of the first subnet that has one; undefined: there is none. */
function take(subnets: Subnets, wish: string | undefined): string | undefined {
  if (wish !== undefined) {
    const own = home(subnets, wish)
    if (own === undefined) return undefined
    if (!own.allocator.take(wish)) throw new EngineError('forbidden', 'Address already in use')
    return withLength(wish, own.prefix)
  }
  for (const { allocator, prefix } of subnets) {
    const address = allocator.next()
    if (address !== undefined) return withLength(address, prefix)
  }
  return undefined
}

function refuseFull(family: Family, { name, id }: NetworkRecord): never {
  const words = family === 'ipv4' ? 'IPv4' : 'IPv6'
  throw new EngineError('internal', `no available ${words} addresses on this network's address pools: ${name} (${id})`)
}
