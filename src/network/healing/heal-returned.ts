import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'
import { repairSandbox } from '../sandbox/repair-sandbox.ts'

/** The plugin of a network is there again: its containers get back what they lost meanwhile. */
export async function healReturned(parts: NetworkParts, networkId: string): Promise<void> {
  const { table, locks, log } = parts
  for (const { id, containerId } of table.endpointsOfNetwork(networkId)) {
    using _ = await locks.acquire(`container ${containerId}`)
    const [endpoint, sandbox, network] = [table.endpoint(id), table.sandbox(containerId), table.network(networkId)]
    if (endpoint === undefined || network === undefined || sandbox?.wish.mode.kind !== 'own') continue
    try {
      const changes = await repairSandbox(parts, sandbox, [endpoint])
      if (changes.length === 0) continue
      log.info('plugs a container in again', { container: containerId, network: network.name, changes })
      const attributes = { lost: `interface of container ${endpoint.containerName}`, repair: changes.join(', ') }
      tell(parts, 'heal', network, undefined, attributes)
    } catch (error) {
      log.error('cannot plug a container in again', { container: containerId, network: network.name, error })
    }
  }
}
