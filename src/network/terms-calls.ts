import { EngineError } from '../base/errors.ts'
import type { DriverCalls } from './driver-calls.ts'
import type { Family } from './ipam/prefix.ts'
import type { NetworkRecord, OwedRemoval } from './model.ts'
import type { NetworkParts } from './network-parts.ts'
import type { NetworkRequest } from './networking.ts'
import type { EndpointTerms, EndpointWish } from './terms.ts'

/** Families of a new network that need no gateway, as its driver says; undefined: it is not one that is asked. */
export async function skippedGateways(
  { registry }: Pick<NetworkParts, 'registry'>,
  request: NetworkRequest,
): Promise<readonly Family[] | undefined> {
  if (request.configOnly) return undefined
  return await registry.driver(request.driver).terms?.skippedGateways(request)
}

/** What to record in the same step in which a network's record goes. */
export function farewell(drivers: DriverCalls, record: NetworkRecord): readonly OwedRemoval[] {
  const { driver, plan } = drivers.of(record)
  return driver.terms === undefined ? [] : [driver.terms.farewell(plan)]
}

/** Asks for an endpoint of a network whose driver has terms. */
export async function agree(drivers: DriverCalls, network: NetworkRecord, wish: EndpointWish): Promise<EndpointTerms> {
  const { driver, plan } = drivers.of(network)
  if (driver.terms === undefined) throw new EngineError('internal', `Network "${network.name}" has no terms`)
  return await driver.terms.agree(plan, wish, drivers.context)
}

/** The endpoint that was agreed on is recorded. */
export function keep(drivers: DriverCalls, network: NetworkRecord, endpointId: string): void {
  const { driver, plan } = drivers.of(network)
  driver.terms?.keep(plan, endpointId)
}

/** Nothing came of the endpoint that was agreed on. */
export function withdraw(drivers: DriverCalls, network: NetworkRecord, endpointId: string): void {
  const { driver, plan } = drivers.of(network)
  const endpoint = { id: endpointId, interfaceName: '', addresses: [], mac: '', driverOptions: {} }
  driver.abandonEndpoint(plan, endpoint, drivers.context)
}

/** The container goes out by this endpoint, or does no more; nothing where the driver has no terms. */
export async function setGateway(
  drivers: DriverCalls,
  network: NetworkRecord,
  wish: EndpointWish,
  isGateway: boolean,
): Promise<void> {
  const { driver, plan } = drivers.of(network)
  await driver.terms?.setGateway(plan, wish, isGateway)
}
