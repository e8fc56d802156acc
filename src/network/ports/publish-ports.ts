import { EngineError } from '../../base/errors.ts'
import type { PublishedPort, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { PortWish } from '../networking.ts'
import { movePorts } from '../sandbox/apply-plan.ts'
import { planSandbox } from '../sandbox/sandbox-plan.ts'
import type { PublishTarget } from './port-plan.ts'

/**
 * Publishes more ports of a container whose network is there. All of them or none.
 *
 * @returns what was bound
 * @throws {EngineError} `internal` with Docker's words when a port cannot be had, `conflict` when nothing leads to it
 */
export async function publishPorts(
  parts: NetworkParts,
  containerId: string,
  wishes: readonly PortWish[],
): Promise<readonly PublishedPort[]> {
  const { table, locks, ports: publisher } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const sandbox = requireOwn(parts, containerId)
  const target = targetOf(parts, sandbox)
  if (target === undefined) {
    const { containerName } = sandbox.wish
    const state = 'none of its networks leads outside'
    throw new EngineError('conflict', `Cannot publish ports of container "${containerName}": ${state}`)
  }
  await using undo = new AsyncDisposableStack()
  const ports = await publisher.reserve(wishes, target)
  undo.defer(() => publisher.release(containerId, ports))
  const before = { target, ports: sandbox.ports }
  const after = { target, ports: [...sandbox.ports, ...ports] }
  undo.defer(() => movePorts(parts, after, before))
  movePorts(parts, before, after)
  const wish = { ...sandbox.wish, ports: [...sandbox.wish.ports, ...wishes] }
  table.commit({ sandboxes: [{ ...sandbox, wish, ports: after.ports }] })
  undo.move()
  return ports
}

/**
 * Withdraws published ports of a container whose network is there; ports that are not published are no mistake.
 *
 * What was connected already goes on, new connections are refused.
 *
 * @param gone of those that the container has: the very objects, there may be thousands
 * @param remaining all that the container wishes from now on
 */
export async function unpublishPorts(
  parts: NetworkParts,
  containerId: string,
  gone: readonly PublishedPort[],
  remaining: readonly PortWish[],
): Promise<void> {
  const { table, locks, ports: publisher } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const sandbox = requireOwn(parts, containerId)
  const all = new Set(sandbox.ports)
  const leaving = gone.filter((port) => all.has(port))
  const ports = [...all.difference(new Set(leaving))]
  const target = targetOf(parts, sandbox)
  if (target !== undefined) movePorts(parts, { target, ports: sandbox.ports }, { target, ports })
  await publisher.release(containerId, leaving)
  table.commit({ sandboxes: [{ ...sandbox, wish: { ...sandbox.wish, ports: remaining }, ports }] })
}

function requireOwn({ table }: NetworkParts, containerId: string): SandboxRecord {
  const sandbox = table.sandbox(containerId)
  if (sandbox?.wish.mode.kind === 'own') return sandbox
  const state = sandbox === undefined ? 'it does not run' : 'it has no network of its own'
  throw new EngineError('conflict', `Cannot change the ports of container "${containerId}": ${state}`)
}

function targetOf(parts: NetworkParts, sandbox: SandboxRecord): PublishTarget | undefined {
  return planSandbox(parts, sandbox, parts.table.endpointsOfContainer(sandbox.containerId)).target
}
