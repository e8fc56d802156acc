import { EngineError } from '../../base/errors.ts'
import { createId, shortId } from '../../base/id.ts'
import { dnsNames } from '../dns/names.ts'
import type { NetworkDriver, WayOut } from '../driver.ts'
import type { Lease } from '../ipam/address-book.ts'
import { localConfigs } from '../ipam/local-configs.ts'
import { bareAddress, contains, parseAddress, requirePrefix } from '../ipam/prefix.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, SandboxWish } from '../networking.ts'
import { isPredefined } from '../networks/predefined-names.ts'
import type { Attached } from './attach.ts'
import { chosenMac, endpointLabels, isIPv6Off } from './endpoint-options.ts'
import { isLent, type LentLease } from './lend-addresses.ts'

/** One network that a container is to be on, found. */
export interface Attachment {
  readonly network: NetworkRecord
  readonly wish: AttachmentWish
  /** The engine's own, for a container that has no other way out. */
  readonly isGateway?: true
}

/** Names in auxiliary addresses that stand for the containers' way out. @source docker-behaviour, `--aux-address` */
const gatewayNames = { ipv4: 'DefaultGatewayIPv4', ipv6: 'DefaultGatewayIPv6' } as const

/**
 * The record of a new endpoint, its addresses taken: give them back when it is not kept.
 *
 * @param lent   what a plugin has lent, where one manages the network's addresses
 * @param others the container's endpoints that there are, or will be: their interface names are in use
 * @throws {EngineError} with Docker's words when there is no address to be had
 */
export function draftEndpoint(
  { drivers, addresses }: Pick<NetworkParts, 'drivers' | 'addresses'>,
  { network, wish, isGateway }: Attachment,
  container: SandboxWish,
  others: readonly EndpointRecord[],
  lent?: LentLease,
): EndpointRecord {
  if (network.template !== undefined) {
    throw new EngineError('forbidden', 'cannot create endpoint on configuration-only network')
  }
  const wired = drivers.of(network)
  const { driver, plan } = wired
  const { hasInterfaces } = driver.traits
  const { attached, terms } = lent ?? {}
  const prefix = terms?.prefix ?? driver.interfacePrefix(plan)
  const interfaceName = hasInterfaces && terms?.source !== '' ? chooseName(wish, prefix, others) : ''
  const hasIPv6 = !isIPv6Off(container.sysctls, wish.driverOptions, interfaceName)
  const taken = attached ? leaseFrom(attached) : hasInterfaces ? leaseOf(addresses, network, wish, lent) : {}
  const lease = hasIPv6 || attached ? taken : withoutIPv6(addresses, network, taken)
  const id = lent?.id ?? createId()
  const main = lease.ipv4 ?? lease.ipv6
  const linkLocal = (wish.linkLocal ?? []).filter((address) => hasIPv6 || !address.includes(':')).map(withLinkLength)
  const { containerId, containerName, hostname } = container
  const isNameless = isPredefined(network.name) || isGateway
  const names = isNameless ? [] : dnsNames({ containerId, containerName, aliases: wish.aliases, hostname })
  return {
    version: 1,
    id,
    networkId: network.id,
    networkName: network.name,
    containerId,
    containerName: isGateway ? `gateway_${shortId(containerId)}` : containerName,
    interfaceName,
    mac: attached?.mac ?? chosenMac(wish) ?? lent?.mac ?? (hasInterfaces ? macOf(id, main, driver) : ''),
    ...lease,
    ...(linkLocal.length > 0 ? { linkLocal } : {}),
    ...waysOf(wired, network, lease, lent),
    dnsNames: names,
    aliases: wish.aliases,
    links: wish.links,
    driverOptions: wish.driverOptions,
    gatewayPriority: wish.gatewayPriority,
    ...(attached && { told: attached.told }),
    ...(terms && { terms }),
    ...(isGateway && { isGateway }),
  }
}

function leaseFrom({ ipv4, ipv6 }: Pick<LentLease, 'ipv4' | 'ipv6'>): Lease {
  return { ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }) }
}

/** Where the container's packets go: as the plugin says where one makes the endpoint, else as the driver does. */
function waysOf(
  { driver, plan }: ReturnType<NetworkParts['drivers']['of']>,
  network: NetworkRecord,
  lease: Lease,
  { attached, terms }: Pick<LentLease, 'attached' | 'terms'> = {},
): Ways {
  const hasNone = network.internal || !driver.traits.providesGateway || attached !== undefined
  return {
    ...(attached && waysFrom(attached)),
    ...(terms && !network.internal && waysFrom(terms)),
    ...(hasNone ? {} : waysOut(driver.wayOut?.(plan) ?? 'gateway', network, lease)),
  }
}

type Ways = Pick<EndpointRecord, 'gateway' | 'gateway6' | 'leadsOutside'>

function waysFrom({ gateway, gateway6, leadsOutside }: Pick<Attached, keyof Ways>): Ways {
  return {
    ...(gateway !== undefined && { gateway }),
    ...(gateway6 !== undefined && { gateway6 }),
    ...(leadsOutside && { leadsOutside }),
  }
}

/** What a plugin has lent is booked too: it may have lent it twice. */
function leaseOf(
  addresses: NetworkParts['addresses'],
  network: NetworkRecord,
  wish: AttachmentWish,
  lent: LentLease | undefined,
): Lease {
  if (lent?.terms !== undefined && !isLent(network)) return leaseFrom(lent) // booked before it was agreed on
  if (!isLent(network)) return addresses.reserve(network, wish)
  if (lent === undefined) {
    throw new EngineError('conflict', `Cannot connect to network "${network.name}": it was made anew meanwhile`)
  }
  const { ipv4, ipv6 } = lent
  addresses.reserve(network, {
    ...(ipv4 && { ipv4: bareAddress(ipv4) }),
    ...(ipv6 && { ipv6: bareAddress(ipv6) }),
  })
  return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
}

/** An interface that has IPv6 switched off gives its address of it back. */
function withoutIPv6(
  addresses: NetworkParts['addresses'],
  network: NetworkRecord,
  { ipv4, ipv6 }: Pick<EndpointRecord, 'ipv4' | 'ipv6'>,
): Pick<EndpointRecord, 'ipv4' | 'ipv6'> {
  if (ipv6 !== undefined) addresses.release(network.id, { ipv6 })
  return ipv4 === undefined ? {} : { ipv4 }
}

/** From the address; without one, from the endpoint's own id. */
function macOf(id: string, address: string | undefined, driver: Pick<NetworkDriver, 'macFor'>): string {
  return address === undefined ? `02:${id.slice(0, 10).match(/../g)!.join(':')}` : driver.macFor(bareAddress(address))
}

function withLinkLength(address: string): string {
  return `${address}/${address.includes(':') ? 64 : 16}`
}

/** What an interface is called: as the container wishes, else by the lowest free number. */
export function chooseName(
  { driverOptions }: AttachmentWish,
  prefix: string,
  others: readonly Pick<EndpointRecord, 'interfaceName'>[],
): string {
  const chosen = driverOptions[endpointLabels.interfaceName]
  if (chosen === undefined) return freeName(prefix, others)
  if (others.every(({ interfaceName }) => interfaceName !== chosen)) return chosen
  throw new EngineError('conflict', `Cannot name an interface "${chosen}": the container has one of that name`)
}

/** The lowest number that no other interface of the container has. */
function freeName(prefix: string, others: readonly Pick<EndpointRecord, 'interfaceName'>[]): string {
  const taken = new Set(others.map(({ interfaceName }) => interfaceName))
  for (let index = 0; ; index++) if (!taken.has(`${prefix}${index}`)) return `${prefix}${index}`
}

function waysOut(
  wayOut: WayOut,
  network: NetworkRecord,
  lease: Pick<EndpointRecord, 'ipv4' | 'ipv6'>,
): Pick<EndpointRecord, 'gateway' | 'gateway6' | 'leadsOutside'> {
  switch (wayOut) {
    case 'gateway':
      return gatewaysOf(network, lease)
    case 'interface':
      return { leadsOutside: true }
    case 'none':
      return {}
  }
}

function gatewaysOf(
  network: NetworkRecord,
  lease: Pick<EndpointRecord, 'ipv4' | 'ipv6'>,
): Pick<EndpointRecord, 'gateway' | 'gateway6'> {
  const gateways: { ipv4?: string; ipv6?: string } = {}
  for (const { subnet, gateway, auxAddresses } of localConfigs(network)) {
    const prefix = requirePrefix(subnet, 'subnet')
    const { family } = prefix
    const chosen = auxAddresses?.[gatewayNames[family]] ?? gateway
    const leased = parseAddress(bareAddress(lease[family] ?? ''))
    if (chosen !== undefined && leased !== undefined && contains(prefix, leased)) gateways[family] = chosen
  }
  return {
    ...(gateways.ipv4 !== undefined && { gateway: gateways.ipv4 }),
    ...(gateways.ipv6 !== undefined && { gateway6: gateways.ipv6 }),
  }
}
