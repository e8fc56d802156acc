import { shortId } from '../../base/id.ts'
import type { PortRange, PortReservation } from '../../resolver/protocol.ts'
import { type Element, loopbackElement, openElement, publishedRange } from '../firewall/elements.ts'
import type { Family } from '../ipam/prefix.ts'
import type { PublishedPort } from '../model.ts'
import type { PortWish } from '../networking.ts'
import { anyAddress } from './any-address.ts'
import { type PortRun, portRuns } from './port-runs.ts'

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
  /** The proxy carries every port, and the firewall none. */
  readonly proxied?: true
}

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

/** Of IPv4: the kernel lets nobody else send to `::1`. */
export function isOnLoopback({ hostAddress }: PublishedPort): boolean {
  return hostAddress.startsWith('127.')
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

/** The firewall's part of published ports: ranges are one element. Pure. */
export function publishedElements(target: PublishTarget, ports: readonly PublishedPort[]): Element[] {
  const reachable = ports.filter(({ hostAddress }) => sameFamily(hostAddress, target) !== undefined)
  if (target.proxied) return []
  const opened = reachable
    .filter(({ hostAddress }) => target.opened?.includes(familyOf(hostAddress)))
    .map((port) => ({ ...port, hostAddress: anyAddress[familyOf(port.hostAddress)], hostPort: 0 }))
  const elementOf = (run: PortRun) => {
    return {
      ...run,
      containerAddress: sameFamily(run.hostAddress, target) ?? '',
      comment: `container ${target.containerName}`,
    }
  }
  return [
    ...portRuns(reachable.filter(hasHostPort)).map(elementOf).flatMap(publishedRange),
    ...portRuns(ports.filter(isOnLoopback)).map(elementOf).map(loopbackElement),
    ...portRuns(opened).map(elementOf).map(openElement),
  ]
}

/**
 * What the resolver holds for published ports, as few ranges as can be. Pure.
 *
 * The proxy serves what the kernel cannot redirect: the other family, and the loopback address of IPv6.
 */
export function reservations(
  target: PublishTarget,
  ports: readonly PublishedPort[],
  userlandProxy: boolean,
): PortReservation[] {
  return portRuns(ports.filter(hasHostPort)).map(({ protocol, hostAddress, hostPort, containerPort, count }) => {
    const direct = sameFamily(hostAddress, target)
    const address = direct ?? target.ipv4 ?? target.ipv6
    const isProxied =
      protocol !== 'sctp' && (userlandProxy || target.proxied || direct === undefined || hostAddress.includes(':'))
    return {
      owner: ownerOf(target.containerId),
      protocol,
      hostAddress,
      hostPort,
      count,
      ...(isProxied && address !== undefined && { proxyTo: { address, port: containerPort } }),
    }
  })
}

/** The ranges by which the resolver knows a container's ports. Pure. */
export function heldRanges(containerId: string, ports: readonly PublishedPort[]): PortRange[] {
  return portRuns(ports.filter(hasHostPort)).map(({ protocol, hostAddress, hostPort, count }) => {
    return { owner: ownerOf(containerId), protocol, hostAddress, hostPort, count }
  })
}

function ownerOf(containerId: string): string {
  return shortId(containerId)
}

/** `"0.0.0.0:8080"`, `"[::]:8080"` */
export function socketText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
