import { EngineError } from '../../base/errors.ts'
import type { EndpointRecord, IpamConfig, NetworkRecord } from '../model.ts'
import { AddressAllocator } from './allocator.ts'
import { localConfigs } from './local-configs.ts'
import { bareAddress, type Family, type Prefix, parsePrefix, requirePrefix, withLength } from './prefix.ts'
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

type Subnets = Partial<Readonly<Record<Family, Subnet>>>

/** A subnet of a network. */
export interface PlacedSubnet {
  readonly networkId: string
  readonly prefix: Prefix
}

const families = ['ipv4', 'ipv6'] as const

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
    const subnets: Subnets = Object.fromEntries(
      localConfigs(network).map((config) => [
        requirePrefix(config.subnet, 'subnet').family,
        openSubnet(config, ipam.options),
      ]),
    )
    this.close(id)
    this.#subnets.set(id, subnets)
    for (const family of families) {
      const prefix = subnets[family]?.prefix
      if (prefix === undefined) continue
      this.#places.put(`${id} ${family}`, prefix, { networkId: id, prefix })
      this.#taken.put(prefix)
    }
    for (const { ipv4, ipv6 } of endpoints) {
      if (ipv4 !== undefined) subnets.ipv4?.allocator.restore(bareAddress(ipv4))
      if (ipv6 !== undefined) subnets.ipv6?.allocator.restore(bareAddress(ipv6))
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
    const subnets = this.#subnets.get(networkId)
    return families.flatMap((family) => (subnets?.[family] ? [{ networkId, prefix: subnets[family].prefix }] : []))
  }

  /** Forgets a network that is gone. */
  close(networkId: string): void {
    for (const { prefix } of this.subnetsOf(networkId)) {
      this.#places.delete(`${networkId} ${prefix.family}`)
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
    const subnets = this.#subnets.get(network.id) ?? {}
    const ipv4 = subnets.ipv4 && take(subnets.ipv4, wish.ipv4, network)
    try {
      const ipv6 = subnets.ipv6 && take(subnets.ipv6, wish.ipv6, network)
      return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
    } catch (error) {
      if (ipv4 !== undefined) subnets.ipv4?.allocator.release(bareAddress(ipv4))
      throw error
    }
  }

  /** Gives a lease back; a network that is gone has none. */
  release(networkId: string, { ipv4, ipv6 }: Pick<EndpointRecord, 'ipv4' | 'ipv6'> | Lease): void {
    const subnets = this.#subnets.get(networkId)
    if (ipv4 !== undefined) subnets?.ipv4?.allocator.release(bareAddress(ipv4))
    if (ipv6 !== undefined) subnets?.ipv6?.allocator.release(bareAddress(ipv6))
  }
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

function take({ prefix, allocator }: Subnet, wish: string | undefined, network: NetworkRecord): string {
  if (wish !== undefined) {
    if (!allocator.take(wish)) throw new EngineError('forbidden', 'Address already in use')
    return withLength(wish, prefix)
  }
  const address = allocator.next()
  if (address !== undefined) return withLength(address, prefix)
  const family = prefix.family === 'ipv4' ? 'IPv4' : 'IPv6'
  throw new EngineError(
    'internal',
    `no available ${family} addresses on this network's address pools: ${network.name} (${network.id})`,
  )
}
