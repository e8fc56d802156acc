import { EngineError } from '../../base/errors.ts'
import type { IpamConfig } from '../model.ts'
import { contains, formatAddress, formatPrefix, type Prefix, parseAddress, parsePrefix } from './prefix.ts'

/** A subnet as it was asked for; without `prefix` one is chosen from the pools, of `size` bits when that was said. */
export interface SubnetWish {
  readonly prefix?: Prefix
  readonly size?: number
  readonly family: 'ipv4' | 'ipv6'
  readonly config: Partial<IpamConfig>
}

/**
 * Checks everything that can be known of the subnets themselves, and tells all that is wrong at once.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export function checkConfigs(configs: readonly Partial<IpamConfig>[]): readonly SubnetWish[] {
  const problems: string[] = []
  const wishes = configs.flatMap((config) => checkConfig(config, problems))
  if (problems.length > 0) throw invalidConfig(problems)
  return wishes
}

/** One problem stands bare, several have a star each. */
function invalidConfig(problems: readonly string[]): EngineError {
  const list = problems.length === 1 ? problems[0] : problems.map((problem) => `* ${problem}`).join('\n')
  return new EngineError('invalid-argument', `invalid network config:\n${list}`)
}

function checkConfig(config: Partial<IpamConfig>, problems: string[]): SubnetWish[] {
  const { subnet = '' } = config
  if (subnet === '') {
    const hint = config.gateway ?? config.ipRange ?? ''
    return [{ family: hint.includes(':') ? 'ipv6' : 'ipv4', config }]
  }
  const prefix = parsePrefix(subnet)
  if (prefix === undefined) {
    problems.push(`invalid subnet ${subnet}: invalid CIDR block notation`)
    return []
  }
  if (formatPrefix(prefix) !== canonical(subnet)) {
    problems.push(`invalid subnet ${subnet}: it should be ${formatPrefix(prefix)}`)
  }
  // 0.0.0.0/24 and ::/64 name a size, not a place.
  if (prefix.first === 0n && prefix.length > 0) return [{ family: prefix.family, size: prefix.length, config }]
  problems.push(...rangeProblems(prefix, config), ...addressProblems(prefix, config))
  return [{ family: prefix.family, prefix, config }]
}

/** @throws {EngineError} `invalid-argument` when gateway, range or auxiliary addresses are not of the subnet that was chosen */
export function checkInside(prefix: Prefix, config: Partial<IpamConfig>): void {
  const problems = [...rangeProblems(prefix, config), ...addressProblems(prefix, config)]
  if (problems.length > 0) throw invalidConfig(problems)
}

function rangeProblems(subnet: Prefix, { ipRange }: Partial<IpamConfig>): string[] {
  if (ipRange === undefined || ipRange === '') return []
  const range = parsePrefix(ipRange)
  const invalid = (why: string) => [`invalid ip-range ${ipRange}: ${why}`]
  if (range === undefined) return invalid('invalid CIDR block notation')
  if (range.family !== subnet.family) return invalid(wrongFamily(subnet))
  if (formatPrefix(range) !== canonical(ipRange)) return invalid(`it should be ${formatPrefix(range)}`)
  if (range.length < subnet.length)
    return invalid(`CIDR block is bigger than its parent subnet ${formatPrefix(subnet)}`)
  const inside = contains(subnet, { family: range.family, value: range.first })
  return inside ? [] : invalid(`parent subnet ${formatPrefix(subnet)} doesn't contain ip-range`)
}

function addressProblems(subnet: Prefix, { gateway, auxAddresses = {} }: Partial<IpamConfig>): string[] {
  const named = [
    ...(gateway ? [[`invalid gateway ${gateway}`, gateway] as const] : []),
    ...Object.entries(auxAddresses).map(([name, address]) => [`invalid auxiliary address ${name}`, address] as const),
  ]
  return named.flatMap(([what, text]) => {
    const address = parseAddress(text)
    if (address === undefined) return [`${what}: invalid address`]
    if (address.family !== subnet.family) return [`${what}: ${wrongFamily(subnet)}`]
    if (contains(subnet, address)) return []
    return [`${what}: parent subnet ${formatPrefix(subnet)} doesn't contain this address`]
  })
}

function wrongFamily({ family }: Prefix): string {
  return family === 'ipv4' ? 'parent subnet is an IPv4 block' : 'parent subnet is an IPv6 block'
}

/** The address as we would write it, with the length: `fd00:0::1/64` is `fd00::1/64`. */
function canonical(text: string): string {
  const [address = '', length = ''] = text.split('/')
  const parsed = parseAddress(address)
  return parsed === undefined ? text : `${formatAddress(parsed)}/${Number(length)}`
}
