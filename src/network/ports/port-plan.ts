import { shortId } from '../../base/id.ts'
import type { PortReservation } from '../../resolver/protocol.ts'
import { type Element, openElement, publishedElement } from '../firewall/elements.ts'
import type { Family } from '../ipam/prefix.ts'
import type { PublishedPort } from '../model.ts'
import type { PortWish } from '../networking.ts'

/** The container behind published ports, as it is reached now. */
export interface PublishTarget {
  readonly containerId: string
  readonly containerName: string
  readonly endpointId: string
  /** Without lengths; at least one of them. */
  readonly ipv4?: string
  readonly ipv6?: string
  /** The network's own choice for ports that name no host address. */
  readonly defaultHostAddress?: string
  /** Families without host ports: the container's own address is reached. */
  readonly routed?: readonly Family[]
  /** Families in which published ports are open at the container's own address; `routed` is among them. */
  readonly opened?: readonly Family[]
}

/** Every address of the host, of either family. */
export const anyAddress = { ipv4: '0.0.0.0', ipv6: '::' } as const

/** One host address of a wish. `optional`: the user did not name it, and a host without IPv6 does without. */
export interface HostAddress {
  readonly address: string
  readonly optional: boolean
}

/**
 * The host addresses that a wish means.
 *
 * @source docker-behaviour, "IPv6 defaults": without an address, both families
 */
export function hostAddresses({ hostAddress, protocol }: PortWish, target: PublishTarget): readonly HostAddress[] {
  const isRouted = (family: Family) => target.routed?.includes(family) ?? false
  const named = namedAddress(hostAddress, target)
  if (named) return isRouted(familyOf(named)) ? [] : [{ address: named, optional: false }]
  // The proxy carries one family to the other; it knows no SCTP, and no way to what is routed.
  const isProxied = protocol !== 'sctp' && (target.routed ?? []).length === 0
  const reachable = (family: Family) => !isRouted(family) && (isProxied || target[family] !== undefined)
  return [
    ...(reachable('ipv4') ? [{ address: anyAddress.ipv4, optional: false }] : []),
    ...(reachable('ipv6') ? [{ address: anyAddress.ipv6, optional: true }] : []),
  ]
}

/** The publications of a wish that have no host port: the container's own is opened. */
export function routedPorts(wish: PortWish, target: PublishTarget): readonly PublishedPort[] {
  const named = namedAddress(wish.hostAddress, target)
  const { protocol, containerPort } = wish
  return (target.routed ?? [])
    .filter((family) => named === '' || familyOf(named) === family)
    .map((family) => ({ protocol, containerPort, hostAddress: anyAddress[family], hostPort: 0 }))
}

/** Whether a port of the host belongs to a publication. */
export function hasHostPort({ hostPort }: PublishedPort): boolean {
  return hostPort !== 0
}

function namedAddress(hostAddress: string, { defaultHostAddress = '' }: PublishTarget): string {
  return hostAddress || (defaultHostAddress === anyAddress.ipv4 ? '' : defaultHostAddress)
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** Where the kernel leads a port of `hostAddress`; undefined when the container has no address of that family. */
function sameFamily(hostAddress: string, { ipv4, ipv6 }: PublishTarget): string | undefined {
  return hostAddress.includes(':') ? ipv6 : ipv4
}

/** The firewall's part of published ports. Pure. */
export function publishedElements(target: PublishTarget, ports: readonly PublishedPort[]): Element[] {
  return ports.flatMap((port) => {
    const containerAddress = sameFamily(port.hostAddress, target)
    if (containerAddress === undefined) return []
    const element = { ...port, containerAddress, comment: `container ${target.containerName}` }
    return [
      ...(hasHostPort(port) ? [publishedElement(element)] : []),
      ...(target.opened?.includes(familyOf(containerAddress)) ? [openElement(element)] : []),
    ]
  })
}

/** Names one reservation: always the same for the same port of the same container. */
export function reservationKey(containerId: string, { protocol, hostAddress, hostPort }: PublishedPort): string {
  return `${shortId(containerId)}/${protocol}/${hostAddress}/${hostPort}`
}

/**
 * What the resolver holds for a published port. Pure.
 *
 * The proxy serves what the kernel cannot redirect: the other family, and the loopback address of IPv6.
 */
export function reservation(target: PublishTarget, port: PublishedPort, userlandProxy: boolean): PortReservation {
  const { protocol, hostAddress, hostPort, containerPort } = port
  const direct = sameFamily(hostAddress, target)
  const address = direct ?? target.ipv4 ?? target.ipv6
  const isProxied = protocol !== 'sctp' && (userlandProxy || direct === undefined || hostAddress.includes(':'))
  return {
    key: reservationKey(target.containerId, port),
    protocol,
    hostAddress,
    hostPort,
    ...(isProxied && address !== undefined && { proxyTo: { address, port: containerPort } }),
  }
}

/** `"0.0.0.0:8080"`, `"[::]:8080"` */
export function socketText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
