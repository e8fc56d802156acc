import type { Addressing } from '../../cluster/endpoints/addressing.ts'
import { addressBlocks } from '../host-facts.ts'
import { AddressAllocator } from './allocator.ts'
import { blockArithmetic } from './host-blocks.ts'
import { planSubnets } from './plan-subnets.ts'
import { localIpv6Pool, type Pool, pool } from './pools.ts'
import { parsePrefix, requirePrefix } from './prefix.ts'
import { TakenBlocks } from './taken-blocks.ts'

/** Of the default address manager: addresses one after the other. */
const serialOption = 'com.docker.network.ipam.serial'

/** Where the subnets of shared networks come from when nobody says. @source Docker, swarm's default address pool */
export const globalPools: readonly Pool[] = [pool('10.0.0.0/8', 24)]

/**
 * The addresses of shared networks, counted as those of all others are.
 *
 * @param seed of IPv6 subnets: bytes that are the same for as long as the node is
 */
export function sharedAddressing(seed: Uint8Array, pools: readonly Pool[] = globalPools): Addressing {
  return {
    planSubnets: ({ subnets, enableIPv4, enableIPv6 }, taken, hosts) =>
      planSubnets(
        { configs: subnets, enableIPv4, enableIPv6 },
        {
          pools: [...pools, localIpv6Pool(seed)],
          // A subnet that cannot be read is somebody else's mistake: it must not keep anybody from making networks.
          networks: new TakenBlocks(taken.flatMap((subnet) => parsePrefix(subnet) ?? [])),
          occupied: () => [new TakenBlocks(addressBlocks(hosts))],
        },
      ),
    ...blockArithmetic,
    openPool: ({ subnet, ipRange, gateway, auxAddresses = {} }, options) => {
      const range = ipRange === undefined ? undefined : parsePrefix(ipRange)
      return new AddressAllocator({
        subnet: requirePrefix(subnet, 'subnet'),
        reserved: [...(gateway === undefined ? [] : [gateway]), ...Object.values(auxAddresses)],
        isSerial: options[serialOption] === 'true',
        ...(range && { range }),
      })
    },
  }
}
