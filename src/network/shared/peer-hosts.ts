import type { ClusterNode } from '../../cluster/model.ts'
import type { RemoteEndpoint } from './elsewhere.ts'

interface Presence {
  node: ClusterNode
  readonly endpointIds: Set<string>
}

/** Which other hosts have endpoints on which network: counted, so that each change costs only itself. */
export class PeerHosts {
  /** By network, then by node. */
  readonly #networks = new Map<string, Map<string, Presence>>()

  /** Endpoints are there. @returns hosts that are new on their network, or have another address than before */
  put(networkId: string, remote: readonly RemoteEndpoint[]): readonly ClusterNode[] {
    const present = this.#networks.get(networkId) ?? new Map<string, Presence>()
    this.#networks.set(networkId, present)
    const arrived = new Map<string, ClusterNode>()
    for (const { endpoint, node } of remote) {
      const known = present.get(node.id)
      if (known?.node.address !== node.address) arrived.set(node.id, node)
      if (known === undefined) present.set(node.id, { node, endpointIds: new Set([endpoint.id]) })
      else {
        known.node = node
        known.endpointIds.add(endpoint.id)
      }
    }
    return [...arrived.values()]
  }

  /** Endpoints are gone. @returns hosts that had no others on the network */
  remove(networkId: string, remote: readonly RemoteEndpoint[]): readonly ClusterNode[] {
    const present = this.#networks.get(networkId)
    return remote.flatMap(({ endpoint, node }) => {
      const known = present?.get(node.id)
      if (!known?.endpointIds.delete(endpoint.id) || known.endpointIds.size > 0) return []
      present!.delete(node.id)
      return [known.node]
    })
  }

  /** This host has left the network. */
  forget(networkId: string): void {
    this.#networks.delete(networkId)
  }
}
