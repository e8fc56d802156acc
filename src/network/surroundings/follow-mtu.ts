import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'
import { openSandboxNamespace } from '../sandbox/sandbox-namespace.ts'

/** Bytes of the uplink, before and now. */
export interface MtuChange {
  readonly before: number
  readonly after: number
}

/**
 * Makes every network that follows the uplink carry packets of its size: the bridge, and both ends of every cable, as
 * they are, in place. One that cannot be changed does not keep the others from it.
 */
export async function followMtu(parts: NetworkParts, { before, after }: MtuChange): Promise<void> {
  for (const network of parts.table.networks()) {
    try {
      const { driver, plan } = parts.drivers.of(network)
      const [old, next] = [before, after].map((uplink) => driver.followedMtu?.(plan, uplink))
      if (old === undefined || next === undefined || old === next) continue
      await resize(parts, network.name, network.id)
      parts.log.warn('follows the mtu of the uplink', { network: network.name, old, new: next, uplink: after })
      tell(parts, 'mtu', network, undefined, { old: String(old), new: String(next), uplink: String(after) })
    } catch (error) {
      parts.log.error('cannot follow the mtu of the uplink', { network: network.name, error })
    }
  }
}

async function resize(parts: NetworkParts, name: string, id: string): Promise<void> {
  const { table, drivers, locks } = parts
  using _ = await locks.acquire(`network ${name}`)
  const network = table.network(id) // somebody may have removed it meanwhile
  if (network === undefined || drivers.ownership(network) !== 'ours') return
  await drivers.ensureNetwork(network)
  for (const endpoint of table.endpointsOfNetwork(id)) await resizeCable(parts, network, endpoint)
}

async function resizeCable(parts: NetworkParts, network: NetworkRecord, { id, containerId }: EndpointRecord) {
  const { table, drivers, locks, log } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const endpoint = table.endpoint(id)
  const sandbox = table.sandbox(containerId)
  if (endpoint === undefined || sandbox?.wish.mode.kind !== 'own') return
  try {
    using handle = openSandboxNamespace(sandbox.path)
    await drivers.ensureEndpoint(network, endpoint, handle)
  } catch (error) {
    log.error('cannot follow the mtu of the uplink', { container: containerId, error })
  }
}
