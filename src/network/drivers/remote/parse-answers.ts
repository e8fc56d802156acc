import { PluginError } from '../../../plugins/call-plugin.ts'
import { bareAddress, type Family, formatAddress, formatPrefix, parseAddress, parsePrefix } from '../../ipam/prefix.ts'
import type { EndpointTerms, EndpointWish, TermsRoute } from '../../terms.ts'

type Answer = Readonly<Record<string, unknown>>

/** Addresses of an endpoint that a plugin chose: `"10.0.0.2/24"`, and of its hardware. */
export type EndpointFace = Pick<EndpointTerms, 'ipv4' | 'ipv6' | 'mac'>

/**
 * Reads the answer of `CreateEndpoint`. Pure.
 *
 * @throws {PluginError} for what is no address, and for what the plugin was told: that is not its choice
 */
export function parseFace(
  plugin: string,
  answer: Answer,
  told: Pick<EndpointWish, 'ipv4' | 'ipv6' | 'mac'>,
): EndpointFace {
  const said = record(plugin, 'Interface', answer['Interface'])
  const face = {
    ipv4: cidr(plugin, text(plugin, said, 'Address'), 'ipv4'),
    ipv6: cidr(plugin, text(plugin, said, 'AddressIPv6'), 'ipv6'),
    mac: text(plugin, said, 'MacAddress').toLowerCase(),
  }
  if (!/^(([0-9a-f]{2}:){5}[0-9a-f]{2})?$/.test(face.mac))
    throw confusing(plugin, `address ${face.mac}: invalid MAC address`)
  for (const [key, what] of [
    ['ipv4', 'interface address'],
    ['ipv6', 'interface address'],
    ['mac', 'interface MAC address'],
  ] as const) {
    // biome-ignore format: a table
    if (face[key] !== '' && told[key] !== undefined) {
      throw confusing(plugin, `driver modified ${what}: ${told[key]} to ${face[key]}`)
    }
  }
  return Object.fromEntries(Object.entries(face).filter(([, value]) => value !== ''))
}

/** Reads the answer of `Join`. Default routes among the static ones are ways out. Pure. @throws {PluginError} */
export function parseTerms(plugin: string, answer: Answer): EndpointTerms {
  const names = record(plugin, 'InterfaceName', answer['InterfaceName'])
  const [source, prefix] = [text(plugin, names, 'SrcName'), text(plugin, names, 'DstPrefix')]
  for (const name of [source, prefix]) checkName(plugin, name)
  const gateway = address(plugin, text(plugin, answer, 'Gateway'), 'ipv4')
  const gateway6 = address(plugin, text(plugin, answer, 'GatewayIPv6'), 'ipv6')
  const said = answer['StaticRoutes'] ?? []
  if (!Array.isArray(said)) throw confusing(plugin, '"StaticRoutes" is no list')
  const routes = said.map((one) => parseRoute(plugin, record(plugin, 'StaticRoutes', one)))
  const ways = routes.filter(({ to }) => isDefault(to))
  const via = (family: Family) => ways.find((way) => familyOf(way.to) === family)?.via
  const way = { gateway: gateway || via('ipv4'), gateway6: gateway6 || via('ipv6') }
  const leadsOutside = ways.some((one) => one.via === undefined)
  return {
    source,
    prefix: prefix || 'eth',
    ...(way.gateway && { gateway: way.gateway }),
    ...(way.gateway6 && { gateway6: way.gateway6 }),
    ...(leadsOutside && { leadsOutside }),
    routes: routes.filter(({ to }) => !isDefault(to)),
    ...(answer['DisableGatewayService'] === true && { staysInside: true }),
  }
}

function parseRoute(plugin: string, said: Answer): TermsRoute {
  const destination = text(plugin, said, 'Destination')
  const prefix = parsePrefix(destination)
  if (prefix === undefined) throw confusing(plugin, `invalid CIDR address: ${destination}`)
  const nextHop = text(plugin, said, 'NextHop')
  // 0 goes by a next hop, 1 is on the link itself.
  const isConnected = said['RouteType'] === 1
  if (!isConnected && nextHop === '') throw confusing(plugin, `route to ${destination} has no next hop`)
  return { to: formatPrefix(prefix), ...(!isConnected && { via: address(plugin, nextHop, prefix.family) }) }
}

function isDefault(to: string): boolean {
  return to.endsWith('/0')
}

function familyOf(to: string): Family {
  return to.includes(':') ? 'ipv6' : 'ipv4'
}

function address(plugin: string, said: string, family: Family): string {
  if (said === '') return ''
  const parsed = parseAddress(said)
  if (parsed?.family !== family)
    throw confusing(plugin, `unable to parse ${family === 'ipv4' ? 'Gateway' : 'GatewayIPv6'} "${said}"`)
  return formatAddress(parsed)
}

function cidr(plugin: string, said: string, family: Family): string {
  if (said === '') return ''
  const prefix = parsePrefix(said)
  if (prefix?.family !== family) throw confusing(plugin, `invalid CIDR address: ${said}`)
  return `${address(plugin, bareAddress(said), family)}/${prefix.length}`
}

/** Linux's rule for names of interfaces; a prefix leaves room for a number. */
function checkName(plugin: string, name: string): void {
  const fits = Buffer.byteLength(name) <= 15 && !/[/\s:]/.test(name) && !['.', '..', 'lo'].includes(name)
  if (!fits) throw confusing(plugin, `"${name.slice(0, 60)}" is no name of an interface`)
}

function text(plugin: string, answer: Answer, key: string): string {
  const value = answer[key] ?? ''
  if (typeof value === 'string') return value
  throw confusing(plugin, `"${key}" is no text`)
}

function record(plugin: string, key: string, value: unknown): Answer {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value }
  throw confusing(plugin, `"${key}" is no object`)
}

function confusing(plugin: string, why: string): PluginError {
  return new PluginError(`Cannot understand plugin "${plugin}": ${why}`, { answered: true })
}
