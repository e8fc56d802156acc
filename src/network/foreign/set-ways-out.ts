import type { OpenSandbox } from '../driver.ts'
import type { Gateways } from '../endpoints/gateways.ts'
import type { SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { ensureDefaultRoutes, repairDefaultRoutes } from '../sandbox/sandbox-namespace.ts'
import { foreignNamespace } from './foreign-namespace.ts'

/** Leads a container out by the elected networks. What another engine has chosen for its container stays. */
export function setWaysOut(
  { table }: Pick<NetworkParts, 'table'>,
  sandbox: SandboxRecord,
  handle: OpenSandbox,
  gateways: Gateways,
): void {
  if (foreignNamespace(sandbox) === undefined) {
    ensureDefaultRoutes(handle, gateways)
    return
  }
  const endpoints = table.endpointsOfContainer(sandbox.containerId)
  const ours = endpoints.flatMap(({ gateway, gateway6 }) => [gateway, gateway6]).filter((one) => one !== undefined)
  repairDefaultRoutes(handle, gateways, new Set(ours))
}
