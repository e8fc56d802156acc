/** One subnet of a shared network: the same shape as in the engine's own records. */
export interface SharedSubnet {
  /** `"10.0.0.0/24"`, without host bits. */
  readonly subnet: string
  readonly ipRange?: string
  readonly gateway?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** A network that all hosts of the cluster know. It never changes once it is made. */
export interface SharedNetwork {
  /** 64 lower-case hex digits. */
  readonly id: string
  readonly name: string
  readonly driver: string
  /** RFC 3339 with nanoseconds, by the clock of the host that made it: to be shown, never to be compared. */
  readonly created: string
  /** Id of the node that made it. */
  readonly createdBy: string
  /** VXLAN network identifier: 4096 to 2^24-1, no two networks have the same. */
  readonly vni: number
  /** At most one of each family. */
  readonly subnets: readonly SharedSubnet[]
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  readonly internal: boolean
  readonly attachable: boolean
  /** Bytes: of the containers' interfaces. */
  readonly mtu: number
  /** Bits: each host takes its addresses from a block of its own, of that size, in the only subnet. Absent: from all of it. */
  readonly hostPrefixLength?: number
  readonly ipamOptions: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** One container's place on a shared network, on whichever host it runs. */
export interface SharedEndpoint {
  /** 64 lower-case hex digits. */
  readonly id: string
  readonly networkId: string
  /** Whose it is: only that node changes or removes it, until the node itself is removed. */
  readonly nodeId: string
  readonly containerId: string
  readonly containerName: string
  /** `"02:42:0a:00:00:02"` */
  readonly mac: string
  /** `"10.0.0.2/24"` */
  readonly ipv4?: string
  readonly ipv6?: string
  /** In DNS order; the first one answers PTR. */
  readonly dnsNames: readonly string[]
  readonly aliases: readonly string[]
}

/**
 * Whether a node is there.
 *
 * `alive`: it keeps its lease. `lost`: the lease ran out, the grace period has not: its names are still answered.
 * `dead`: the grace period is over. `unknown`: etcd is out of reach, so nobody can tell.
 */
export type NodeState = 'alive' | 'lost' | 'dead' | 'unknown'

/** One host of the cluster. */
export interface ClusterNode {
  /** 64 lower-case hex digits, as long as its data root lives. */
  readonly id: string
  /** Its host name. */
  readonly name: string
  /** Where its end of every tunnel is: an IP address. */
  readonly address: string
  /** Bytes: of the interface that the address is on. */
  readonly mtu: number
  readonly state: NodeState
  /** Version of the engine that it runs; empty when it is not alive. */
  readonly engineVersion: string
}

/** Where this node is, as it tells others. */
export type ClusterSelf = Pick<ClusterNode, 'id' | 'name' | 'address' | 'mtu'>

/** Whether shared state can be changed now. */
export interface ClusterStatus {
  readonly reachable: boolean
  /** RFC 3339, by this host's clock: since when it has been so. */
  readonly since: string
  /** Why it is not reachable, in words; empty when it is. */
  readonly reason: string
  /** Addresses of etcd's members, as they were given: `"http://192.0.2.1:2379"`. */
  readonly members: readonly string[]
  /** Revision of etcd that the state in memory is of; 0: none was ever seen. */
  readonly revision: number
}

/**
 * What has changed, here or elsewhere. One's own changes come too: compare `nodeId` with `self.id`.
 *
 * A re-list after a cut, a compaction or a restored backup shows in the same changes: what really differs.
 */
export type ClusterChange =
  | { readonly type: 'network-added'; readonly network: SharedNetwork }
  | { readonly type: 'network-removed'; readonly network: SharedNetwork }
  | { readonly type: 'endpoint-added'; readonly endpoint: SharedEndpoint }
  | { readonly type: 'endpoint-changed'; readonly endpoint: SharedEndpoint; readonly before: SharedEndpoint }
  | { readonly type: 'endpoint-removed'; readonly endpoint: SharedEndpoint }
  /** A node that was not known, or one that has another address, name or MTU now. */
  | { readonly type: 'node-joined' | 'node-changed'; readonly node: ClusterNode }
  /** Its state is another; see `NodeState`. `dead`: its names leave the answers; `alive`: they come back. */
  | { readonly type: 'node-state'; readonly node: ClusterNode }
  /** It was removed for good, with all its endpoints (which were told before). */
  | { readonly type: 'node-left'; readonly node: ClusterNode }
  /**
   * A container of this host runs with an address, or on a network, that is not its own any more: an older backup of
   * etcd was restored, or this node was removed while it ran. The endpoint must leave the data path.
   */
  | { readonly type: 'endpoint-quarantined'; readonly endpoint: SharedEndpoint; readonly reason: string }
  /** What the hosts of an encrypted network share is another now; or a host has told what it has of it. */
  | { readonly type: 'secrets-changed' | 'secrets-held'; readonly networkId: string }
  | { readonly type: 'status'; readonly status: ClusterStatus }

/** A network as it is asked for. */
export interface NetworkDraft
  extends Omit<SharedNetwork, 'id' | 'created' | 'createdBy' | 'vni' | 'subnets' | 'hostPrefixLength'> {
  /** Subnets as they were asked for; what is left open is chosen. */
  readonly subnets: readonly Partial<SharedSubnet>[]
  /** Each host is to have a block of its own; without a length, of a size that suits the subnet. */
  readonly blocks?: { readonly length?: number }
  /** The identifier that it must have; undefined: the lowest free one. */
  readonly vni?: number
}

/** An endpoint as it is asked for. */
export interface EndpointDraft {
  readonly networkId: string
  readonly containerId: string
  readonly containerName: string
  /** Addresses that the container insists on, without lengths. */
  readonly ipv4?: string
  readonly ipv6?: string
  /** The hardware address, or the rule that makes it from the (first) address: `macFor` of the driver. */
  readonly mac: string | ((address: string) => string)
  readonly dnsNames: readonly string[]
  readonly aliases: readonly string[]
}

/** What may change in an endpoint while it lives. */
export type EndpointNames = Pick<SharedEndpoint, 'containerName' | 'dnsNames' | 'aliases'>
