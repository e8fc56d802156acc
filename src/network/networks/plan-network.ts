import { rfc3339Now } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import { createId } from '../../base/id.ts'
import type { NetworkDriver } from '../driver.ts'
import type { DriverCalls } from '../driver-calls.ts'
import type { DriverRegistry } from '../drivers/driver-registry.ts'
import { parseAnnouncements } from '../endpoints/announcements.ts'
import { checkConfigs } from '../ipam/check-configs.ts'
import { withHostAddress } from '../ipam/host-address.ts'
import { type AddressSpace, planSubnets } from '../ipam/plan-subnets.ts'
import { type Family, overlaps, requirePrefix } from '../ipam/prefix.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'
import type { NetworkRequest } from '../networking.ts'
import { checkTemplate, templateDriver, withTemplate } from './config-network.ts'
import { isReserved } from './predefined-names.ts'

/** What a request is checked against. */
export interface NetworkPlanning {
  readonly table: NetworkTable
  readonly registry: DriverRegistry
  readonly drivers: DriverCalls
  readonly space: AddressSpace
  /** Families without a gateway, where the driver was asked. */
  readonly withoutGateway?: readonly Family[] | undefined
  /** What a plugin has lent, where the request names one. */
  readonly lent?: Pick<NetworkRecord['ipam'], 'configs' | 'pools'> | undefined
}

/**
 * Turns a request into the record of a network that can be made. Touches nothing.
 *
 * @throws {EngineError} with Docker's words for everything that cannot be
 */
export function planNetwork(
  asked: NetworkRequest,
  { table, registry, drivers, space, lent, withoutGateway }: NetworkPlanning,
): NetworkRecord {
  if (asked.configOnly) {
    checkName(asked.name, table)
    return planTemplate(asked)
  }
  const request = checkRequest(asked, { table, registry })
  const driver = registry.driver(request.driver)
  const record: NetworkRecord = {
    ...newRecord(request),
    scope: driver.traits.scope,
    ipam: {
      driver: request.ipamDriver,
      options: request.ipamOptions,
      ...withHost(subnets(request, driver, space, { lent, withoutGateway }), driver.hostAddress?.(request.options)),
    },
  }
  if (lent !== undefined) checkOverlap(record, table)
  checkInterface(record, drivers)
  return record
}

/**
 * Fills a request from its template, and checks all that can be known before its subnets are.
 *
 * @throws {EngineError} with Docker's words
 */
export function checkRequest(
  asked: NetworkRequest,
  { table, registry }: Pick<NetworkPlanning, 'table' | 'registry'>,
): NetworkRequest {
  checkName(asked.name, table)
  const request = withTemplate(asked, table)
  parseAnnouncements(request.options)
  const { traits } = registry.driver(request.driver)
  if (traits.onlyPredefined) {
    throw new EngineError('forbidden', `only one instance of "${request.driver}" network is allowed`)
  }
  if (!request.enableIPv4 && !request.enableIPv6) {
    throw new EngineError('invalid-argument', 'IPv4 or IPv6 must be enabled')
  }
  return request
}

function planTemplate(request: NetworkRequest): NetworkRecord {
  checkTemplate(request)
  const { ipamConfigs } = request
  checkConfigs(ipamConfigs)
  return { ...newRecord({ ...request, driver: templateDriver }), template: { ipamConfigs } }
}

/** A record with everything of the request, without its addresses. */
export function newRecord(request: NetworkRequest): NetworkRecord {
  const { name, driver, enableIPv4, enableIPv6, internal, attachable, options, labels, configFrom } = request
  return {
    version: 1,
    id: createId(),
    name,
    driver,
    scope: 'local',
    created: rfc3339Now(),
    enableIPv4,
    enableIPv6,
    ipam: { driver: request.ipamDriver, options: request.ipamOptions, configs: [] },
    internal,
    attachable,
    options,
    labels,
    ...(configFrom !== undefined && { configFrom }),
  }
}

function checkName(name: string, table: NetworkTable): void {
  if (isReserved(name)) {
    // Docker's sentence ends in a blank, and clients compare it.
    throw new EngineError('forbidden', `operation is not permitted on predefined ${name} network `)
  }
  if (name.trim() === '') throw new EngineError('invalid-argument', 'invalid name: name is empty')
  if (table.networkNamed(name) !== undefined) {
    throw new EngineError('conflict', `network with name ${name} already exists`)
  }
}

/** True: the addresses are managed by ourselves, or by nobody. */
export function isBuiltinIpam(driver: string): boolean {
  return driver === 'default' || driver === 'null'
}

function subnets(
  request: NetworkRequest,
  driver: NetworkDriver,
  space: AddressSpace,
  { lent, withoutGateway }: Pick<NetworkPlanning, 'lent' | 'withoutGateway'>,
): Pick<NetworkRecord['ipam'], 'configs' | 'pools'> {
  const { ipamDriver, ipamConfigs: configs, enableIPv4, enableIPv6 } = request
  if (lent !== undefined) return { configs: lent.configs, ...(lent.pools && { pools: lent.pools }) }
  if (ipamDriver === 'null') {
    if (configs.some(({ subnet }) => subnet)) {
      const message = 'null ipam driver does not handle specific address pool requests'
      throw new EngineError('invalid-argument', message)
    }
    return { configs: [] }
  }
  if (driver.attacher !== undefined) {
    if (ipamDriver === 'default' && configs.length === 0) return { configs: [] }
    const why = 'the addresses of its networks are chosen by its plugins: leave out subnets and the address manager'
    throw new EngineError('invalid-argument', `Cannot use subnets with network driver "${driver.name}": ${why}`)
  }
  if (!isBuiltinIpam(ipamDriver)) throw new EngineError('not-found', `plugin ${JSON.stringify(ipamDriver)} not found`)
  const free = withoutGateway ?? driver.freeOfGateway?.(request) ?? []
  return { configs: planSubnets({ configs, enableIPv4, enableIPv6, withoutGateway: free }, space) }
}

/** @param name of the auxiliary address that the host is to have; undefined: none */
function withHost(
  ipam: Pick<NetworkRecord['ipam'], 'configs' | 'pools'>,
  name: string | undefined,
): Pick<NetworkRecord['ipam'], 'configs' | 'pools'> {
  if (name === undefined) return ipam
  const isNamed = ipam.configs.every(({ auxAddresses }) => auxAddresses?.[name] !== undefined)
  if (ipam.pools !== undefined && !isNamed) {
    const why = `a plugin manages the addresses: name one with --aux-address ${name}=ADDRESS`
    throw new EngineError('invalid-argument', `Cannot choose an address for the host: ${why}`)
  }
  return { ...ipam, configs: withHostAddress(ipam.configs, name) }
}

/** A plugin does not know our other networks. */
function checkOverlap({ id, name, ipam }: NetworkRecord, table: NetworkTable): void {
  const blocks = ipam.configs.map(({ subnet }) => requirePrefix(subnet, 'subnet'))
  for (const other of table.networks()) {
    for (const { subnet } of other.ipam.configs) {
      const clash = blocks.find((block) => overlaps(block, requirePrefix(subnet, 'subnet')))
      if (clash === undefined) continue
      const family = clash.family === 'ipv4' ? 'IPv4' : 'IPv6'
      const why = `conflicts with network ${other.id} (${other.name}): networks have overlapping ${family}`
      throw new EngineError('forbidden', `cannot create network ${id} (${name}): ${why}`)
    }
  }
}

/** Two networks cannot have one interface of the host. */
function checkInterface(record: NetworkRecord, drivers: DriverCalls): void {
  const wanted = drivers.hostInterface(record)
  drivers.forget(record.id)
  const other = wanted === undefined ? undefined : drivers.ownerOf(wanted)
  if (other === undefined) return
  const clash = `conflicts with network ${other.id} (${wanted}): networks have same bridge name`
  throw new EngineError('forbidden', `cannot create network ${record.id} (${wanted}): ${clash}`)
}
