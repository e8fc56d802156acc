import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { removeNamedNamespace } from '../kernel/named-namespace.ts'
import { livingForeigners } from './foreign/foreign-namespace.ts'
import { restoreLinkHoles } from './links/link-holes.ts'
import type { NetworkRecord, SandboxRecord } from './model.ts'
import type { NetworkParts } from './network-parts.ts'
import { publishedElements } from './ports/port-plan.ts'
import { closeSandbox } from './sandbox/close-sandbox.ts'
import { repairSandbox } from './sandbox/repair-sandbox.ts'
import { planSandbox, type SandboxPlan } from './sandbox/sandbox-plan.ts'
import { containersToKeep } from './sandbox/shared-sandbox.ts'

/**
 * Makes kernel, firewall and resolver agree with the records, both ways: what is missing is made, what nobody wants
 * is removed. May be called again at any time.
 *
 * @param running containers that run: all others' networks are taken away
 */
export async function recover(parts: NetworkParts, running: ReadonlySet<string>): Promise<void> {
  const { table, drivers, firewall, log } = parts
  const wanted = containersToKeep(parts, new Set([...running, ...livingForeigners(parts)]))
  const here = table.networks().filter((network) => parts.shared?.isHere(network) ?? true)
  for (const network of here) await repair(parts, network)
  const kept = table.sandboxes().filter(({ containerId }) => wanted.has(containerId))
  const plans = kept.map((sandbox) => {
    return { sandbox, plan: planSandbox(parts, sandbox, table.endpointsOfContainer(sandbox.containerId)) }
  })
  firewall.ensure([
    ...table.networks().flatMap((network) => drivers.elements(network)),
    ...restoreLinkHoles(parts),
    ...plans.flatMap(({ sandbox, plan }) => (plan.target ? publishedElements(plan.target, sandbox.ports) : [])),
  ])
  await sayAgain(parts, plans)
  for (const { containerId } of table.sandboxes()) {
    if (wanted.has(containerId)) continue
    log.info('closes the network of a container that runs no more', { container: containerId })
    await closeSandbox(parts, containerId).catch((error: unknown) => log.error('cannot close network', { error }))
  }
  await sweep(parts, here)
  parts.background.run('greet the plugins that manage addresses', () => parts.remoteIpam.resume())
  parts.background.run('greet the plugins of networks', () => parts.registry.resume())
  for (const { sandbox, plan } of plans) await repairContainer(parts, sandbox, plan)
}

async function repair({ drivers, shared, log }: NetworkParts, network: NetworkRecord): Promise<void> {
  try {
    await shared?.join(network)
    const changes = await drivers.ensureNetwork(network)
    if (changes.length > 0) log.info('repairs network', { network: network.name, changes })
  } catch (error) {
    // One network that cannot be must not take the others down with it.
    log.error('cannot repair network', { network: network.name, error })
  }
}

async function repairContainer(parts: NetworkParts, sandbox: SandboxRecord, plan: SandboxPlan): Promise<void> {
  const { table, log, hostNamespace } = parts
  const { containerId, wish } = sandbox
  if (wish.mode.kind === 'host') table.commit({ sandboxes: [{ ...sandbox, path: hostNamespace.path }] })
  if (wish.mode.kind !== 'own') return
  try {
    const changes = await repairSandbox(parts, sandbox, table.endpointsOfContainer(containerId), plan)
    if (changes.length > 0) log.info('repairs the network of a container', { container: containerId, changes })
  } catch (error) {
    log.error('cannot repair the network of a container', { container: containerId, error })
  }
}

async function sayAgain(
  { resolver, ports, log }: NetworkParts,
  plans: readonly { readonly sandbox: SandboxRecord; readonly plan: SandboxPlan }[],
): Promise<void> {
  const own = plans.filter(({ sandbox }) => sandbox.wish.mode.kind === 'own')
  try {
    await resolver.replay({
      sandboxes: own.map(({ plan }) => plan.setup).filter((setup) => setup !== undefined),
      endpoints: own.flatMap(({ plan }) => plan.names),
      ports: own.flatMap(({ sandbox, plan }) => (plan.target ? ports.restore(sandbox.ports, plan.target) : [])),
    })
  } catch (error) {
    log.error('cannot reach the resolver', { error })
  }
}

/** Removes what carries our mark and is in no record. */
async function sweep({ table, drivers, execRoot, log }: NetworkParts, here: readonly NetworkRecord[]): Promise<void> {
  const endpointIds = new Set(table.endpoints().map(({ id }) => id))
  const removed = await drivers.sweep(here, endpointIds)
  const dir = join(execRoot, 'netns')
  const wanted = new Set(table.sandboxes().map(({ path }) => path))
  const forgotten = (existsSync(dir) ? readdirSync(dir) : [])
    .map((name) => join(dir, name))
    .filter((path) => !wanted.has(path))
  for (const path of forgotten) removeNamedNamespace(path)
  removed.push(...forgotten.map((path) => `removed ${path}`))
  if (removed.length > 0) log.info('removes what a dead engine left', { removed })
}
