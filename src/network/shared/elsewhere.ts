import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterNode, SharedEndpoint } from '../../cluster/model.ts'
import type { PeerSpec } from '../peers.ts'
import { AddressClaims } from './address-claims.ts'
import { hostPeerOf, peerOf } from './shared-records.ts'

/** An endpoint of another host, with its host. */
export interface RemoteEndpoint {
  readonly endpoint: SharedEndpoint
  readonly node: ClusterNode
}

/** What a shared network has beyond this host. */
export interface NetworkElsewhere {
  readonly endpoints: readonly RemoteEndpoint[]
  /** Those that have endpoints on it, this one included if it has. */
  readonly hosts: readonly ClusterNode[]
}

/** What other hosts have on shared networks. Looks, and changes nothing. */
export class Elsewhere {
  readonly #cluster: Cluster
  /** Who is reached where several say that an address is theirs. */
  readonly claims = new AddressClaims()
  /** As they were last: what a host had is told to be gone after the host itself is. */
  readonly #nodes = new Map<string, ClusterNode>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Endpoints of a network on other hosts; without those whose host nobody knows. */
  endpoints(networkId: string): readonly RemoteEndpoint[] {
    return this.#cluster.endpoints(networkId).flatMap((endpoint) => this.locate(endpoint) ?? [])
  }

  /** Where an endpoint is; undefined for one of this host, and one whose host is not known. */
  locate(endpoint: SharedEndpoint): RemoteEndpoint | undefined {
    if (endpoint.nodeId === this.#cluster.self.id) return undefined
    const node = this.#cluster.node(endpoint.nodeId) ?? this.#nodes.get(endpoint.nodeId)
    if (node === undefined) return undefined
    this.#nodes.set(node.id, node)
    return { endpoint, node }
  }

  /** All of a network's endpoints on other hosts, and the hosts, as its driver wants them: dead hosts' too, they may be back. */
  peers(networkId: string): readonly PeerSpec[] {
    const remote = this.endpoints(networkId)
    const hosts = new Map(remote.map(({ node }) => [node.id, node]))
    const reached = this.claims.take(networkId, remote)
    return [...Array.from(hosts.values(), hostPeerOf), ...reached.map(({ endpoint, node }) => peerOf(endpoint, node))]
  }

  /** The hosts that have endpoints on a network, this one included if it has. */
  hosts(networkId: string): readonly ClusterNode[] {
    const ids = new Set(this.#cluster.endpoints(networkId).map(({ nodeId }) => nodeId))
    return this.#cluster.nodes().filter(({ id }) => ids.has(id))
  }
}

/** Names of a host that is dead are not answered; of one that only cannot be seen they are. */
export function isAnswered({ node }: RemoteEndpoint): boolean {
  return node.state !== 'dead'
}
