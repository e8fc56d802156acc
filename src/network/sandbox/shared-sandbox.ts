import { isDeepStrictEqual } from 'node:util'
import { parseMac } from '../../wire/ip-address.ts'
import { isWished } from '../endpoints/gateways.ts'
import { bareAddress } from '../ipam/prefix.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, SandboxView, SandboxWish } from '../networking.ts'
import { closeSandbox, isJoined } from './close-sandbox.ts'
import { repairSandbox } from './repair-sandbox.ts'

/**
 * A container has ended: its network goes, unless others live in it. Then interfaces, addresses and ports wait for
 * its next start, or for the end of the last one. Absent is success.
 */
export async function leaveSandbox(parts: NetworkParts, containerId: string): Promise<void> {
  const donorId = await leave(parts, containerId)
  if (donorId === undefined) return
  const { table, locks } = parts
  using _ = await locks.acquire(`container ${donorId}`)
  const donor = table.sandbox(donorId)
  if (donor?.abandoned === true && !isJoined(table, donor)) await closeSandbox(parts, donorId)
}

/** @returns the container whose network it was living in */
async function leave(parts: NetworkParts, containerId: string): Promise<string | undefined> {
  const { table, locks, log } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const sandbox = table.sandbox(containerId)
  if (sandbox === undefined) return undefined
  if (isJoined(table, sandbox)) {
    log.info('keeps the network of an ended container: others live in it', { container: containerId })
    table.commit({ sandboxes: [{ ...sandbox, abandoned: true }] })
    return undefined
  }
  const { mode } = sandbox.wish
  await closeSandbox(parts, containerId)
  return mode.kind === 'join' ? mode.containerId : undefined
}

/**
 * Gives a container that starts the network that it had, which others kept alive. The caller holds its lock.
 *
 * @returns undefined when there is none, or when it wishes for something else now
 */
export async function takeOverSandbox(parts: NetworkParts, wish: SandboxWish): Promise<SandboxView | undefined> {
  const { table, log } = parts
  const sandbox = table.sandbox(wish.containerId)
  if (sandbox === undefined || !isJoined(table, sandbox)) return undefined
  const endpoints = table.endpointsOfContainer(wish.containerId)
  if (!fits(parts, sandbox, endpoints, wish)) {
    log.warn('makes a new network: those who joined the old one lose theirs', { container: wish.containerId })
    return undefined
  }
  await repairSandbox(parts, sandbox, endpoints)
  const { abandoned: _, ...owned } = sandbox
  const taken: SandboxRecord = { ...owned, wish }
  table.commit({ sandboxes: [taken] })
  return { sandbox: taken, endpoints }
}

/**
 * The containers whose network is to stay: those that run, and those whose network others live in that run.
 *
 * Of the latter it is recorded that they have ended, in case that the last engine did not come to it.
 */
export function containersToKeep({ table }: NetworkParts, running: ReadonlySet<string>): ReadonlySet<string> {
  const donors = table
    .sandboxes()
    .filter(({ containerId }) => running.has(containerId))
    .flatMap(({ wish: { mode } }) => (mode.kind === 'join' && !running.has(mode.containerId) ? [mode.containerId] : []))
  const ended = donors.map((id) => table.sandbox(id)).filter((sandbox) => sandbox !== undefined)
  table.commit({ sandboxes: ended.map((sandbox) => ({ ...sandbox, abandoned: true as const })) })
  return new Set([...running, ...donors])
}

/** What is there is what would be made. */
function fits(
  { table }: NetworkParts,
  { wish: before }: SandboxRecord,
  endpoints: readonly EndpointRecord[],
  wish: SandboxWish,
): boolean {
  const { mode } = wish
  if (mode.kind !== 'own' || mode.attachments.length !== endpoints.filter(isWished).length) return false
  const networkIdOf = (ref: string) => (table.networkNamed(ref) ?? table.network(ref))?.id
  const isThere = (attachment: AttachmentWish) =>
    endpoints.some((one) => one.networkId === networkIdOf(attachment.network) && isEndpointOf(attachment, one))
  const isSame = (name: 'hostname' | 'domainname' | 'dns' | 'extraHosts' | 'sysctls' | 'filesDir') =>
    isDeepStrictEqual(before[name], wish[name])
  const rest = ['hostname', 'domainname', 'dns', 'extraHosts', 'sysctls', 'filesDir'] as const
  return mode.attachments.every(isThere) && rest.every(isSame) && isDeepStrictEqual(portsOf(before), portsOf(wish))
}

function isEndpointOf(wish: AttachmentWish, endpoint: EndpointRecord): boolean {
  const { aliases, links, driverOptions, gatewayPriority } = endpoint
  const wished = [wish.aliases, wish.links, wish.driverOptions, wish.gatewayPriority]
  return (
    isDeepStrictEqual(wished, [aliases, links, driverOptions, gatewayPriority]) &&
    (wish.mac === undefined || parseMac(wish.mac) === endpoint.mac) &&
    (['ipv4', 'ipv6'] as const).every((family) => {
      return wish[family] === undefined || (endpoint[family] && bareAddress(endpoint[family])) === wish[family]
    })
  )
}

function portsOf({ ports }: SandboxWish): string[] {
  return ports
    .map(({ protocol, containerPort, hostAddress, hostPorts: { from, to } }) =>
      [protocol, containerPort, hostAddress, from, to].join(' '),
    )
    .sort()
}
