import { EngineError } from '../../base/errors.ts'
import type { IpamConfig } from '../model.ts'
import { AddressAllocator } from './allocator.ts'
import { checkConfigs, checkInside, type SubnetWish } from './check-configs.ts'
import { chooseSubnet, type Pool } from './pools.ts'
import { type Family, formatPrefix, overlaps, type Prefix, parsePrefix } from './prefix.ts'
import { type Taken, TakenBlocks } from './taken-blocks.ts'

/** What is known of the address space when a network is made. */
export interface AddressSpace {
  readonly pools: readonly Pool[]
  /** Subnets of the networks that there are: no other may overlap one of them. */
  readonly networks: Taken
  /** What a subnet that is chosen must keep away from as well: the host's routes and name servers. Asked when needed. */
  readonly occupied: () => readonly Taken[]
}

/** The part of a network's request that is about addresses. */
export interface SubnetRequest {
  readonly configs: readonly Partial<IpamConfig>[]
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  /** Families whose subnets get no gateway unless the request names one. */
  readonly withoutGateway?: readonly Family[]
}

/**
 * Chooses what a request left open: subnets from the pools, gateways the first address of each.
 *
 * @throws {EngineError} with Docker's words: `invalid-argument` for what makes no sense and when the pools are used
 *   up, `forbidden` for an overlap
 */
export function planSubnets(request: SubnetRequest, space: AddressSpace): IpamConfig[] {
  const { configs, enableIPv4, enableIPv6, withoutGateway = [] } = request
  const enabled = (family: Family) => (family === 'ipv4' ? enableIPv4 : enableIPv6)
  const asked = checkConfigs(configs)
    .filter(({ family }) => enabled(family))
    .toSorted((a, b) => a.family.localeCompare(b.family)) // IPv4 first, as it is shown
  const missing = (['ipv4', 'ipv6'] as const)
    .filter((family) => enabled(family) && !asked.some((wish) => wish.family === family))
    .map((family): SubnetWish => ({ family, config: {} }))
  const planned: Prefix[] = []
  return [...asked, ...missing].map((wish) => {
    const prefix = wish.prefix ?? choose(wish, space, planned)
    if (space.networks.touches(prefix) || planned.some((other) => overlaps(prefix, other))) {
      throw new EngineError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space')
    }
    planned.push(prefix)
    checkInside(prefix, wish.config)
    return complete(prefix, wish.config, withoutGateway.includes(prefix.family))
  })
}

function choose({ family, size }: SubnetWish, space: AddressSpace, planned: readonly Prefix[]): Prefix {
  const taken = [space.networks, new TakenBlocks(planned), ...space.occupied()]
  const prefix = chooseSubnet(space.pools, taken, { family, ...(size !== undefined && { size }) })
  if (prefix !== undefined) return prefix
  throw new EngineError('invalid-argument', 'all predefined address pools have been fully subnetted')
}

/** With a gateway: as asked, or the next free one, of the range where there is one. */
function complete(
  subnet: Prefix,
  { ipRange, gateway, auxAddresses = {} }: Partial<IpamConfig>,
  isFree: boolean,
): IpamConfig {
  const range = ipRange ? parsePrefix(ipRange) : undefined
  const allocator = new AddressAllocator({ subnet, ...(range && { range }) })
  const take = (address: string, what: string) => {
    if (!allocator.take(address))
      throw new EngineError('internal', `failed to allocate ${what}: Address already in use`)
  }
  if (gateway) take(gateway, `gateway (${gateway})`)
  for (const [name, address] of Object.entries(auxAddresses)) {
    take(address, `secondary ip address (${name}:${address})`)
  }
  const chosen = gateway || (isFree ? undefined : (allocator.next() ?? noneLeft(subnet)))
  return {
    subnet: formatPrefix(subnet),
    ...(ipRange && { ipRange }),
    ...(chosen && { gateway: chosen }),
    ...(Object.keys(auxAddresses).length > 0 && { auxAddresses }),
  }
}

function noneLeft({ family }: Prefix): never {
  const kind = family === 'ipv4' ? 'IPv4' : 'IPv6'
  const why = `no available ${kind} addresses on this network's address pools`
  throw new EngineError('internal', `failed to allocate gateway (): ${why}`)
}
