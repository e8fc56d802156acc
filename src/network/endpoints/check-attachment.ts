import { EngineError } from '../../base/errors.ts'
import { parseMac } from '../../wire/ip-address.ts'
import { contains, type Prefix, parseAddress, requirePrefix } from '../ipam/prefix.ts'
import type { NetworkRecord } from '../model.ts'
import type { AttachmentWish } from '../networking.ts'
import { isPredefined } from '../networks/predefined-names.ts'
import { endpointLabels, endpointOptionProblems } from './endpoint-options.ts'

const linkLocalPrefixes = [requirePrefix('169.254.0.0/16', 'prefix'), requirePrefix('fe80::/10', 'prefix')]

/** What is asked for when a wish is checked: Docker's sentence differs. */
export type CheckedFor = 'create' | 'connect'

/**
 * Checks what a container wants of one network, as far as it can be known before it starts. Touches nothing.
 *
 * @param network  undefined when it is not there: it may come later than the container
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export function checkAttachment(
  network: NetworkRecord | undefined,
  wish: AttachmentWish,
  checkedFor: CheckedFor,
): void {
  const name = network?.name ?? wish.network
  const where = checkedFor === 'create' ? `invalid config for network ${name}: ` : ''
  const mac = wish.mac ?? wish.driverOptions[endpointLabels.mac]
  if (mac !== undefined && parseMac(mac) === undefined) {
    throw new EngineError('invalid-argument', `${where}invalid MAC address ${mac}`)
  }
  const subnets = network?.ipam.configs.map(({ subnet }) => requirePrefix(subnet, 'subnet'))
  const problems = isPredefined(name) ? predefinedProblems(wish) : addressProblems(subnets, wish)
  const bad = (wish.linkLocal ?? []).filter((text) => !isLinkLocal(text))
  problems.push(...bad.map((text) => `invalid link-local IP address: ${text}`))
  problems.push(...endpointOptionProblems(wish.driverOptions))
  if (problems.length === 0) return
  const list = problems.length === 1 ? problems[0] : problems.map((problem) => `* ${problem}`).join('\n')
  throw new EngineError('invalid-argument', `${where}invalid endpoint settings:\n${list}`)
}

/** 169.254.0.0/16 or fe80::/10 */
function isLinkLocal(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && linkLocalPrefixes.some((prefix) => contains(prefix, address))
}

function predefinedProblems({ ipv4, ipv6, aliases }: AttachmentWish): string[] {
  return [
    ...(ipv4 !== undefined || ipv6 !== undefined
      ? ['user-specified IP address is supported on user-defined networks only']
      : []),
    ...(aliases.length > 0 ? ['network-scoped aliases are only supported for user-defined networks'] : []),
  ]
}

/** @param subnets  undefined when they are not known yet */
function addressProblems(subnets: readonly Prefix[] | undefined, { ipv4, ipv6 }: AttachmentWish): string[] {
  const wanted = [
    { text: ipv4, family: 'ipv4', name: 'IPv4' },
    { text: ipv6, family: 'ipv6', name: 'IPv6' },
  ] as const
  return wanted.flatMap(({ text, family, name }) => {
    if (text === undefined) return []
    const address = parseAddress(text)
    if (address === undefined || address.family !== family) return [`invalid ${name} address: ${text}`]
    return subnets === undefined || subnets.some((subnet) => contains(subnet, address))
      ? []
      : [`no configured subnet contains IP address ${text}`]
  })
}
