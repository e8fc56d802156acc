import { EngineError } from '../../base/errors.ts'
import type { IpamConfig } from '../model.ts'
import { AddressAllocator } from './allocator.ts'
import { checkConfigs, checkInside, type SubnetWish } from './check-configs.ts'
import { chooseSubnet, type Pool } from './pools.ts'
import { type Family, formatPrefix, overlaps, type Prefix } from './prefix.ts'
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
  const asked = checkConfigs(configs).filter(({ family }) => enabled(family))
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

function complete(
  subnet: Prefix,
  { ipRange, gateway, auxAddresses = {} }: Partial<IpamConfig>,
  isFree: boolean,
): IpamConfig {
  const first = () => new AddressAllocator({ subnet, reserved: Object.values(auxAddresses) }).next()
  const chosen = gateway || (isFree ? undefined : first())
  return {
    subnet: formatPrefix(subnet),
    ...(ipRange && { ipRange }),
    ...(chosen && { gateway: chosen }),
    ...(Object.keys(auxAddresses).length > 0 && { auxAddresses }),
  }
}
