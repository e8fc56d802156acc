import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tellNames } from '../sandbox/apply-plan.ts'
import { updateLinkLines } from '../sandbox/sandbox-files.ts'
import { planSandbox } from '../sandbox/sandbox-plan.ts'
import { linkLines } from './linked-endpoints.ts'

/**
 * Containers came or went: whoever names them by `--link` is told their addresses again.
 *
 * Costs nothing on networks where nobody links. What fails is logged: the change itself has succeeded.
 */
export async function refreshLinks(parts: NetworkParts, changed: readonly EndpointRecord[]): Promise<void> {
  const { table } = parts
  const linkers = new Set(
    changed.flatMap(({ networkId, containerId }) => {
      return table
        .linkersOf(networkId)
        .map((linker) => linker.containerId)
        .filter((id) => id !== containerId)
    }),
  )
  for (const containerId of linkers) await tellLinks(parts, containerId)
}

/** Tells a container that runs the addresses of those that its own links name. A failure is logged. */
export async function tellLinks(parts: NetworkParts, containerId: string): Promise<void> {
  const { table, log } = parts
  const sandbox = table.sandbox(containerId)
  if (sandbox === undefined) return
  const endpoints = table.endpointsOfContainer(containerId)
  const { setup } = planSandbox(parts, sandbox, endpoints)
  try {
    updateLinkLines(
      sandbox.wish.filesDir,
      endpoints.flatMap((endpoint) => linkLines(table, endpoint)),
    )
    await tellNames(parts, undefined, { setup, names: [] })
  } catch (error) {
    log.warn('cannot refresh links', { container: containerId, error })
  }
}
