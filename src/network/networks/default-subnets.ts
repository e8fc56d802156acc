import type { DefaultBridgeConfig } from '../config.ts'
import { bareAddress, type Family, formatPrefix, parsePrefix, requirePrefix } from '../ipam/prefix.ts'
import type { IpamConfig } from '../model.ts'

/** Names in auxiliary addresses that stand for the containers' way out. @source docker-behaviour, `--aux-address` */
const gatewayNames = { ipv4: 'DefaultGatewayIPv4', ipv6: 'DefaultGatewayIPv6' } as const

interface FamilyWish {
  /** Address and length of the bridge. */
  readonly bridge: string
  readonly fixed: string
  readonly gateway: string
}

/**
 * The subnets of the default network as the settings want them; one without `subnet` is to be chosen. Pure.
 *
 * @param current   those that it has: they stay where nothing is said
 * @param addresses of the bridge that the settings name, with lengths
 */
export function planDefaultSubnets(
  config: DefaultBridgeConfig,
  current: readonly IpamConfig[],
  addresses: readonly string[],
): readonly Partial<IpamConfig>[] {
  const adopted = (family: Family) => addresses.find((cidr) => familyOf(cidr) === family) ?? ''
  const ipv4 = {
    bridge: config.bip || adopted('ipv4'),
    fixed: config.fixedCidr,
    gateway: config.defaultGateway,
  }
  const ipv6 = {
    bridge: config.bip6 || adopted('ipv6'),
    fixed: config.fixedCidrV6,
    gateway: config.defaultGatewayV6,
  }
  return [planFamily('ipv4', ipv4, current), ...(config.ipv6 ? [planFamily('ipv6', ipv6, current)] : [])]
}

function planFamily(
  family: Family,
  { bridge, fixed, gateway }: FamilyWish,
  current: readonly IpamConfig[],
): Partial<IpamConfig> {
  const range = fixed === '' ? {} : { ipRange: formatPrefix(requirePrefix(fixed, 'fixed-cidr')) }
  const way = gateway === '' ? {} : { auxAddresses: { [gatewayNames[family]]: gateway } }
  if (bridge !== '') {
    return { subnet: formatPrefix(requirePrefix(bridge, 'bip')), ...range, gateway: bareAddress(bridge), ...way }
  }
  const known = current.find(({ subnet }) => familyOf(subnet) === family)
  const same = range.ipRange === undefined || range.ipRange === known?.ipRange
  const kept = known && { subnet: known.subnet, ...(known.gateway !== undefined && { gateway: known.gateway }) }
  if (kept !== undefined && same) return { ...kept, ...range, ...way }
  if (range.ipRange !== undefined) return { subnet: range.ipRange, ...range, ...way }
  // Without a subnet the family has to be told in another way: "pick one of that size".
  return { subnet: family === 'ipv4' ? '' : '::/64', ...way }
}

function familyOf(cidr: string): Family | undefined {
  return parsePrefix(cidr)?.family
}
