import { removeFlows } from '../../kernel/netlink/conntrack.ts'
import { NETLINK_NETFILTER, NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { Element } from '../firewall/elements.ts'
import type { PublishedPort, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { hasHostPort, type PublishTarget, publishedElements } from '../ports/port-plan.ts'
import { portRuns } from '../ports/port-runs.ts'
import type { SandboxPlan } from './sandbox-plan.ts'

/** Ports and where they lead; no target: nowhere, and then there are no ports. */
export interface Publication {
  readonly target: PublishTarget | undefined
  readonly ports: readonly PublishedPort[]
}

/** What is published when nothing is. */
export const noPublication: Publication = { target: undefined, ports: [] }

/**
 * Holds the host ports that a container should have now, and lets go of those that it should not.
 *
 * @returns the ports that it has: the same as before while it can be reached at all
 * @throws {EngineError} with Docker's words when one cannot be had; then nothing has changed
 */
export async function holdPorts(
  { ports: publisher }: NetworkParts,
  { wish }: SandboxRecord,
  before: Publication,
  target: PublishTarget | undefined,
): Promise<readonly PublishedPort[]> {
  if (target === undefined) {
    await publisher.release(wish.containerId, before.ports)
    return []
  }
  if (before.target === undefined) return wish.ports.length === 0 ? [] : publisher.reserve(wish.ports, target)
  const moved = before.target.ipv4 !== target.ipv4 || before.target.ipv6 !== target.ipv6
  if (moved) await publisher.retarget(before.ports, target)
  return before.ports
}

/**
 * Leads published ports elsewhere, in one transaction; the kernel forgets where UDP flows went.
 *
 * Both publications are all that the container has: a range that changes in part is another range.
 */
export function movePorts(
  { firewall, hostNamespace, log }: NetworkParts,
  before: Publication,
  after: Publication,
): void {
  firewall.change({ remove: elementsOf(before), add: elementsOf(after) })
  const udp = portRuns(movedPorts(before, after).filter(isForwardedUdp))
  if (udp.length === 0) return
  try {
    using netfilter = new NetlinkSocket(hostNamespace, NETLINK_NETFILTER)
    for (const { hostAddress, hostPort, count } of udp) {
      const family = hostAddress.includes(':') ? 'ipv6' : 'ipv4'
      const originalDestinationPorts = { first: hostPort, last: hostPort + count - 1 }
      removeFlows(netfilter, { family, protocol: 'udp', originalDestinationPorts })
    }
  } catch (error) {
    // Old flows end by themselves; new ones are right already.
    log.warn('cannot forget tracked flows', { error })
  }
}

/** Ports that do not lead where they led. */
function movedPorts(before: Publication, after: Publication): readonly PublishedPort[] {
  if (before.target === undefined || before.target !== after.target) return [...before.ports, ...after.ports]
  const stay = new Set(before.ports).intersection(new Set(after.ports))
  return [...before.ports, ...after.ports].filter((port) => !stay.has(port))
}

function isForwardedUdp(port: PublishedPort): boolean {
  return port.protocol === 'udp' && hasHostPort(port)
}

function elementsOf({ target, ports }: Publication): Element[] {
  return target === undefined ? [] : publishedElements(target, ports)
}

/** Tells the resolver what changed between two plans; all of it goes out at once. */
export async function tellNames(
  { resolver }: NetworkParts,
  before: Pick<SandboxPlan, 'setup' | 'names'> | undefined,
  after: Pick<SandboxPlan, 'setup' | 'names'> | undefined,
): Promise<void> {
  const kept = new Set(after?.names.map(({ id }) => id))
  const gone = (before?.names ?? []).filter(({ id }) => !kept.has(id))
  await Promise.all([
    ...(after?.names ?? []).map((endpoint) => resolver.putEndpoint(endpoint)),
    ...(after?.setup === undefined ? [] : [resolver.putSandbox(after.setup)]),
    ...(before?.setup !== undefined && after?.setup === undefined ? [resolver.removeSandbox(before.setup.id)] : []),
    ...gone.map(({ id }) => resolver.removeEndpoint(id)),
  ])
}
