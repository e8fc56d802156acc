import type { NetworkSpec, SubnetSpec } from '../../driver.ts'
import { requirePrefix, withLength } from '../../ipam/prefix.ts'

/** One subnet as plugins are told of it. @source moby, libnetwork/driverapi, IPAMData */
export interface IpamData {
  readonly AddressSpace: string
  readonly Pool: string
  /** With the length of the subnet: `"10.0.0.1/16"`. */
  readonly Gateway?: string
  readonly AuxAddresses?: Readonly<Record<string, string>>
}

/** Everything that a plugin is told of a network. */
export interface RemotePlan {
  readonly networkId: string
  readonly networkName: string
  readonly options: Readonly<Record<string, string>>
  readonly internal: boolean
  readonly hasIPv4: boolean
  readonly enableIPv6: boolean
  readonly ipv4: readonly IpamData[]
  readonly ipv6: readonly IpamData[]
}

/** Plans a network of a plugin: what it means is the plugin's business. Pure. */
export function planRemote({ id, name, options, internal, enableIPv6, subnets }: NetworkSpec): RemotePlan {
  const [ipv4, ipv6] = (['ipv4', 'ipv6'] as const).map((family) =>
    subnets.filter(({ prefix }) => requirePrefix(prefix, 'subnet').family === family).map(ipamData),
  ) as [IpamData[], IpamData[]]
  const hasIPv4 = ipv4.length > 0 || ipv6.length === 0
  return { networkId: id, networkName: name, options, internal, hasIPv4, enableIPv6, ipv4, ipv6 }
}

function ipamData({ prefix, gateway, auxAddresses }: SubnetSpec): IpamData {
  const block = requirePrefix(prefix, 'subnet')
  const others = Object.entries(auxAddresses ?? {}).map(([name, address]) => [name, withLength(address, block)])
  return {
    AddressSpace: 'LocalDefault',
    Pool: prefix,
    ...(gateway !== undefined && { Gateway: withLength(gateway, block) }),
    ...(others.length > 0 && { AuxAddresses: Object.fromEntries(others) }),
  }
}
