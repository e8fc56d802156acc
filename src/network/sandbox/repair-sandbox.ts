import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { openSandboxNamespace, repairDefaultRoutes, writeInterfaceSysctls } from './sandbox-namespace.ts'
import { planSandbox, type SandboxPlan } from './sandbox-plan.ts'

/**
 * Plugs a container in again where a cable is missing, with the address, the name and the ways out that it had.
 *
 * What is plugged in stays as it is: the container's own changes are not undone. The caller holds the container's lock.
 *
 * @param endpoints those to look after
 * @returns what had to be done, in words
 */
export async function repairSandbox(
  parts: NetworkParts,
  sandbox: SandboxRecord,
  endpoints: readonly EndpointRecord[],
  plan?: SandboxPlan,
): Promise<string[]> {
  const { table, drivers } = parts
  using handle = openSandboxNamespace(sandbox.path)
  const changes: string[] = []
  for (const endpoint of endpoints) {
    const network = table.network(endpoint.networkId)
    if (network === undefined) continue
    await parts.shared?.join(network)
    changes.push(...(await drivers.ensureEndpoint(network, endpoint, handle)))
  }
  const all = table.endpointsOfContainer(sandbox.containerId)
  const { gateways } = plan ?? planSandbox(parts, sandbox, all)
  const ours = all.flatMap(({ gateway, gateway6 }) => [gateway, gateway6]).filter((gateway) => gateway !== undefined)
  repairDefaultRoutes(handle, gateways, new Set(ours))
  if (changes.length > 0) writeInterfaceSysctls(handle.namespace, sandbox.wish.sysctls)
  return changes
}
