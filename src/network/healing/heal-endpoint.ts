import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { repairSandbox } from '../sandbox/repair-sandbox.ts'

/** What was lost, and what was done about it, in words. */
export interface Healing {
  readonly lost: string[]
  readonly changes: string[]
}

/**
 * Plugs a container in again, under its lock, where that is needed.
 *
 * @param lost what was lost when it was, in words; asked before anything is done
 */
export async function healEndpoint(
  parts: NetworkParts,
  endpointId: string,
  lost: (endpoint: EndpointRecord) => string,
  healing: Healing,
): Promise<void> {
  const { table, locks, log } = parts
  const containerId = table.endpoint(endpointId)?.containerId
  if (containerId === undefined) return
  using _ = await locks.acquire(`container ${containerId}`)
  const endpoint = table.endpoint(endpointId) // it may have been unplugged meanwhile
  const sandbox = table.sandbox(containerId)
  if (endpoint === undefined || sandbox === undefined || sandbox.wish.mode.kind !== 'own') return
  const words = lost(endpoint)
  try {
    const done = await repairSandbox(parts, sandbox, [endpoint])
    if (done.length > 0) healing.lost.push(words)
    healing.changes.push(...done)
  } catch (error) {
    // One container that cannot be helped must not keep the others from it.
    log.error('cannot repair the network of a container', { container: containerId, error })
  }
}
