import { rmSync } from 'node:fs'
import { removeNamedNamespace } from '../../kernel/named-namespace.ts'
import { isAttached } from '../endpoints/attach-endpoints.ts'
import { isWished } from '../endpoints/gateways.ts'
import { settleLeases } from '../endpoints/lend-addresses.ts'
import { foreignNamespace, openForeignNamespace } from '../foreign/foreign-namespace.ts'
import { owedForEndpoints } from '../ipam/remote/owed.ts'
import { adjustLinkHoles } from '../links/link-holes.ts'
import { refreshLinks } from '../links/links.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { NetworkTable } from '../network-table.ts'
import { tell } from '../networks/networks.ts'
import { movePorts, noPublication, tellNames } from './apply-plan.ts'
import { openSandboxNamespace, type SandboxHandle } from './sandbox-namespace.ts'
import { planSandbox } from './sandbox-plan.ts'

/**
 * Takes a container's network away. Absent is success; the caller holds the container's lock.
 *
 * What fails does not stop the rest. The cables die with the namespace, which the kernel does in its own time.
 *
 * @throws {AggregateError} every failure, after all was tried
 */
export async function closeSandbox(parts: NetworkParts, containerId: string): Promise<void> {
  const { table, addresses } = parts
  const record = table.sandbox(containerId)
  if (record === undefined) return
  const endpoints = table.endpointsOfContainer(containerId)
  const failures: unknown[] = []
  if (record.wish.mode.kind === 'own') failures.push(...(await takeApart(parts, record, endpoints)))
  const owed = owedForEndpoints((id) => table.network(id), endpoints)
  table.commit({ withoutSandboxes: [containerId], withoutEndpoints: endpoints.map(({ id }) => id), owed })
  adjustLinkHoles(parts, endpoints)
  for (const endpoint of endpoints) {
    addresses.release(endpoint.networkId, endpoint)
    const network = table.network(endpoint.networkId)
    if (network !== undefined && isWished(endpoint)) tell(parts, 'disconnect', network, containerId)
  }
  await settleLeases(parts, endpoints)
  await refreshLinks(parts, endpoints)
  if (failures.length > 0) throw new AggregateError(failures, `Cannot close the network of container "${containerId}"`)
}

async function takeApart(
  parts: NetworkParts,
  record: SandboxRecord,
  endpoints: readonly EndpointRecord[],
): Promise<unknown[]> {
  const { ports, drivers, table } = parts
  const plan = planSandbox(parts, record, endpoints)
  // Others go on in it, or get interfaces out of it, with the path gone: opened while there is one.
  const isLeft = foreignNamespace(record) !== undefined || isJoined(table, record)
  const isGivenBack = ({ terms, networkId }: EndpointRecord) => {
    const network = table.network(networkId)
    // What one has on an interface of the host nobody else can have: not left to the namespace, which ends in its own time.
    return isLeft || terms !== undefined || (network !== undefined && drivers.parents(network).length > 0)
  }
  using joined = endpoints.some(isGivenBack) ? openIfThere(record) : undefined
  // Nobody new comes in, then nobody finds it, then it goes.
  const steps = [
    () => movePorts(parts, { target: plan.target, ports: record.ports }, noPublication),
    // The resolver's sockets hold the namespace: it has to let go.
    () => Promise.all([tellNames(parts, plan, undefined), ports.release(record.containerId, record.ports)]),
    ...endpoints.map((endpoint) => async () => {
      const network = table.network(endpoint.networkId)
      // Whoever plugged it in looks into the namespace to take it away.
      if (network !== undefined && isAttached(parts, { network })) await drivers.removeEndpoint(network, endpoint)
    }),
    () => {
      parts.traffic.leave(record.id)
      letGo(record)
    },
    ...endpoints.map((endpoint) => async () => {
      const network = table.network(endpoint.networkId)
      if (network === undefined) return
      if (isGivenBack(endpoint)) await drivers.removeEndpoint(network, endpoint, joined)
      else drivers.abandonEndpoint(network, endpoint)
    }),
  ]
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}

/** Its namespace ends, unless it is somebody else's. */
function letGo(record: SandboxRecord): void {
  if (foreignNamespace(record) === undefined) removeNamedNamespace(record.path)
  else rmSync(record.wish.filesDir, { recursive: true, force: true })
}

function openIfThere(record: SandboxRecord): SandboxHandle | undefined {
  const foreign = foreignNamespace(record)
  try {
    return foreign === undefined ? openSandboxNamespace(record.path) : openForeignNamespace(foreign)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Others live in the namespace: it will not end when its owner does. */
export function isJoined(table: NetworkTable, { containerId, path }: SandboxRecord): boolean {
  return table.joinersOf(containerId).some((joiner) => joiner.path === path)
}
