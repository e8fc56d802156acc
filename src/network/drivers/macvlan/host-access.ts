import { shortId } from '../../../base/id.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { createMacvlan } from '../../../kernel/netlink/create-link.ts'
import { findLink, type LinkInfo, listLinks, setLink } from '../../../kernel/netlink/links.ts'
import { removeRoute, replaceRoute } from '../../../kernel/netlink/routes.ts'
import type { Changes, DriverContext, EndpointSpec } from '../../driver.ts'
import { bareAddress } from '../../ipam/prefix.ts'
import { ensureHostSetting } from '../host-settings.ts'
import { requireParent } from '../parent/ensure-parent.ts'
import { whenFree } from '../parent/when-free.ts'
import type { HostAccess, MacvlanPlan } from './plan.ts'

/** The alias of the host's own interface on a network. */
function hostAccessMark(networkId: string): string {
  return `wharf host access ${shortId(networkId)}`
}

/**
 * Gives the host an interface of its own on the network. The kernel keeps a parent and what sits on it from each other;
 * two that sit on it beside each other it does not.
 *
 * Its addresses are of the host alone, so that the way to the LAN stays where it was: each container has a route.
 */
export async function ensureHostAccess(plan: MacvlanPlan, context: DriverContext): Promise<Changes> {
  if (plan.hostAccess === undefined) return []
  const { host, reaper } = context
  const { name, addresses } = plan.hostAccess
  await reaper.whenGone(name)
  const changes: string[] = []
  const link = findLink(host, name) ?? create(plan, plan.hostAccess, context, changes)
  // Before it comes up: until then it says nothing.
  changes.push(...settle(plan.hostAccess, context, changes.length > 0))
  const mark = hostAccessMark(plan.networkId)
  if (link.alias !== mark || !link.up) {
    setLink(host, link.index, { alias: mark })
    await whenFree(['EADDRINUSE'], () => setLink(host, link.index, { up: true }))
    if (changes.length === 0) changes.push(`brought up ${name}`)
  }
  for (const address of addresses) {
    const added = ensureAddress(host, link.index, { address, prefixLength: wholeLength(address), noDad: true })
    if (added && changes.length === 0) changes.push(`added ${address} to ${name}`)
  }
  return changes
}

function create(
  { parent }: MacvlanPlan,
  { name, mac }: HostAccess,
  context: DriverContext,
  changes: string[],
): LinkInfo {
  const { host } = context
  createMacvlan(host, { name, mac, mode: 'bridge', parent: requireParent(parent, context).index })
  changes.push(`created macvlan ${name}`)
  return findLink(host, name)!
}

/**
 * Keeps the interface from speaking for the host on the LAN, which hears it, too: it answers and names itself to those
 * only that the host reaches by it, and takes nothing from routers.
 */
function settle({ name, addresses }: HostAccess, { hostNamespace }: DriverContext, isNew: boolean): string[] {
  const hasIPv6 = addresses.some((address) => address.includes(':'))
  const settings = [
    [`net/ipv4/conf/${name}/arp_filter`, '1'],
    [`net/ipv4/conf/${name}/arp_announce`, '2'],
    hasIPv6 ? [`net/ipv6/conf/${name}/accept_ra`, '0'] : [`net/ipv6/conf/${name}/disable_ipv6`, '1'],
  ] as const
  const changed = settings.filter(([setting, value]) => ensureHostSetting(hostNamespace, setting, value))
  return isNew ? [] : changed.map(([setting, value]) => `set ${setting} to ${value}`)
}

/** The host's way to a container. */
export function ensureHostRoutes(
  { hostAccess }: MacvlanPlan,
  { addresses }: EndpointSpec,
  { host }: DriverContext,
): void {
  const index = hostAccess && findLink(host, hostAccess.name)?.index
  if (hostAccess === undefined || index === undefined) return
  for (const to of addresses.filter(isRouted).map(whole)) {
    const source = hostAccess.addresses.find((address) => address.includes(':') === to.includes(':'))
    replaceRoute(host, { to, index, ...(source !== undefined && { source }) })
  }
}

/** Takes the host's way to a container away; absent is success. */
export function removeHostRoutes(
  { hostAccess }: MacvlanPlan,
  { addresses }: EndpointSpec,
  { host }: DriverContext,
): void {
  const index = hostAccess && findLink(host, hostAccess.name)?.index
  if (index === undefined) return
  for (const to of addresses.filter(isRouted).map(whole)) removeRoute(host, { to, index })
}

/** The host's own interface goes; its routes go with it. Absent is success. */
export function removeHostAccess({ hostAccess }: MacvlanPlan, { host, reaper }: DriverContext): void {
  if (hostAccess !== undefined && findLink(host, hostAccess.name) !== undefined) reaper.condemn(hostAccess.name)
}

/** Removes what a dead engine left of it. @returns what was removed, in words */
export async function sweepHostAccess(
  wanted: readonly MacvlanPlan[],
  { host, reaper }: DriverContext,
): Promise<Changes> {
  const names = new Set(wanted.map(({ hostAccess }) => hostAccess?.name))
  const unwanted = listLinks(host).filter(({ kind, name, alias }) => {
    // By its mark, or, when the engine died before it could leave one, by its looks.
    const isOurs = /^wharf host access [0-9a-f]{12}$/.test(alias) || /^mv-[0-9a-f]{12}$/.test(name)
    return kind === 'macvlan' && isOurs && !names.has(name)
  })
  await Promise.all(unwanted.map(({ name }) => reaper.deleteFromSight(name)))
  return unwanted.map(({ name }) => `removed ${name}`)
}

/** Addresses of the link alone are everybody's own. */
function isRouted(cidr: string): boolean {
  return !/^(169\.254\.|fe[89ab])/i.test(cidr)
}

function whole(cidr: string): string {
  const address = bareAddress(cidr)
  return `${address}/${wholeLength(address)}`
}

function wholeLength(address: string): number {
  return address.includes(':') ? 128 : 32
}
