import { EngineError } from '../../../base/errors.ts'
import type { Attached } from '../../endpoints/attach.ts'
import { parseAddress } from '../../ipam/prefix.ts'

/** What a plugin answers to ADD. Kept as it came: it goes back to the plugins with every CHECK and DEL. */
export interface CniResult {
  readonly cniVersion?: string
  readonly interfaces?: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[]
  readonly ips?: readonly { readonly address: string; readonly gateway?: string; readonly interface?: number }[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dns?: {
    readonly nameservers?: readonly string[]
    readonly domain?: string
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
}

/**
 * Reads what a plugin says to ADD.
 *
 * @param type of the plugin
 * @throws {EngineError} `internal` when it makes no sense: what it made has to go again
 */
export function parseResult(type: string, text: string): CniResult {
  const refuse = (why: string): never => {
    throw new EngineError('internal', `ADD of CNI plugin ${type}: its answer ${why}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return refuse(`is not JSON: ${(cause as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('is not an object')
  const { interfaces, ips, routes, dns } = value as Readonly<Record<string, unknown>>
  if (!isListOf(interfaces, { name: isText })) refuse('has interfaces without names')
  if (!isListOf(ips, { address: isCidr, gateway: maybe(isAddress) })) refuse('has addresses that are none')
  if (!isListOf(routes, { dst: isCidr, gw: maybe(isAddress) })) refuse('has routes that are none')
  if (dns !== undefined && (typeof dns !== 'object' || dns === null)) refuse('has names of a wrong shape')
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null)) as CniResult
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isAddress: Check = (value) => typeof value === 'string' && parseAddress(value) !== undefined
const isCidr: Check = (value) => typeof value === 'string' && /\/\d+$/.test(value) && isHostPrefix(value)
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || value === '' || check(value)

/** Nothing is a list, too. */
function isListOf(list: unknown, checks: Readonly<Record<string, Check>>): boolean {
  if (list === undefined || list === null) return true
  return Array.isArray(list) && list.every((one) => Object.entries(checks).every(([key, check]) => check(one?.[key])))
}

/** `"10.0.0.2/24"`: an address with the length of its network. */
function isHostPrefix(cidr: string): boolean {
  const [address = '', length] = cidr.split('/')
  const found = parseAddress(address)
  return found !== undefined && Number(length) <= (found.family === 'ipv4' ? 32 : 128)
}

const anywhere = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const

/**
 * What an ADD came to, in the engine's terms: the first address of each family that the container's interface has. Pure.
 *
 * @source CNI SPEC.md 1.1, section 5
 */
export function attachedBy(result: CniResult, interfaceName: string): Attached {
  const { interfaces = [], ips = [], routes = [], dns = {} } = result
  const isOurs = (index: number) => interfaces[index]?.name === interfaceName && Boolean(interfaces[index].sandbox)
  const own = ips.filter(({ interface: index }) => index === undefined || index === null || isOurs(index))
  const ipv4 = own.find(({ address }) => !address.includes(':'))
  const ipv6 = own.find(({ address }) => address.includes(':'))
  const way = (family: keyof typeof anywhere, gateway: string | undefined) => {
    const route = routes.find(({ dst }) => dst === anywhere[family])
    return route && { via: route.gw ?? gateway }
  }
  const [way4, way6] = [way('ipv4', ipv4?.gateway), way('ipv6', ipv6?.gateway)]
  const isDirect = [way4, way6].some((one) => one !== undefined && one.via === undefined)
  return {
    interfaceName,
    mac: interfaces.find((_, i) => isOurs(i))?.mac ?? '',
    ...(ipv4 && { ipv4: ipv4.address }),
    ...(ipv6 && { ipv6: ipv6.address }),
    ...(way4?.via && { gateway: way4.via }),
    ...(way6?.via && { gateway6: way6.via }),
    ...(isDirect && { leadsOutside: true }),
    told: {
      routes: routes.map(({ dst, gw }) => ({ to: dst, ...(gw !== undefined && { via: gw }) })),
      nameservers: dns.nameservers ?? [],
      search: dns.search ?? (dns.domain ? [dns.domain] : []),
      options: dns.options ?? [],
    },
  }
}

/**
 * The result as CHECK is to compare it: the engine elects the ways out among all of a container's networks, so that the
 * default routes are not the plugin's any more. Pure.
 */
export function withoutWaysOut(result: CniResult): CniResult {
  const { routes } = result
  if (routes === undefined) return result
  const defaults: readonly string[] = Object.values(anywhere)
  return { ...result, routes: routes.filter(({ dst }) => !defaults.includes(dst)) }
}
