import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterNode, ClusterStatus, SharedEndpoint } from '../../cluster/model.ts'
import type { Networking } from '../../network/networking.ts'
import type { NodeEndpoint, NodeInspect, NodePath, NodeResource, StoreStatus } from '../../protocol/node.ts'

/** A node as a list shows it. */
export function nodeView({ id, name, address, mtu, state, engineVersion }: ClusterNode, self: string): NodeResource {
  return {
    ID: id,
    Name: name,
    Address: address,
    MTU: mtu,
    State: state,
    EngineVersion: engineVersion,
    Self: id === self,
  }
}

/** A node with all that it holds. */
export function nodeInspectView(
  cluster: Cluster,
  networking: Pick<Networking, 'paths'>,
  node: ClusterNode,
): NodeInspect {
  const reasons = new Map(cluster.quarantined().map(({ endpoint, reason }) => [endpoint.id, reason]))
  const held = cluster.networks().flatMap(({ id, name }) =>
    cluster
      .endpoints(id)
      .filter(({ nodeId }) => nodeId === node.id)
      .map((endpoint) => endpointView(endpoint, name, reasons.get(endpoint.id))),
  )
  const isSelf = node.id === cluster.self.id
  const paths = cluster.networks().flatMap(({ id, name }) =>
    networking
      .paths(id)
      .filter((path) => path.node.id === node.id)
      .map((path) => pathView(path, name)),
  )
  return {
    ...nodeView(node, cluster.self.id),
    Endpoints: held,
    Paths: paths,
    ...(isSelf && { Store: storeView(cluster.status()) }),
  }
}

function endpointView(endpoint: SharedEndpoint, network: string, reason = ''): NodeEndpoint {
  return {
    EndpointID: endpoint.id,
    Network: network,
    Container: endpoint.containerName,
    IPv4Address: endpoint.ipv4 ?? '',
    IPv6Address: endpoint.ipv6 ?? '',
    MacAddress: endpoint.mac,
    Quarantined: reason,
  }
}

/** A way to another host as clients see it. */
export function pathView({ state, since }: ReturnType<Networking['paths']>[number], network: string): NodePath {
  const { kind, roundTripMs = 0, passes, full } = state
  const roundTrip = Math.round(roundTripMs * 1_000) / 1_000
  return {
    ...{ Network: network, State: kind, Since: since },
    ...{ RoundTripMilliseconds: roundTrip, Size: passes, FullSize: full },
  }
}

/** Whether etcd is in reach, as clients see it. */
export function storeView(status: ClusterStatus): StoreStatus {
  const { reachable, since, reason, members, revision } = status
  return { Reachable: reachable, Since: since, Reason: reason, Members: members, Revision: revision }
}
