import type { ClusterNode, ClusterSelf, ClusterStatus, SharedEndpoint, SharedNetwork } from '../../../cluster/model.ts'
import type { Difference } from '../../driver.ts'
import type { EndpointRecord } from '../../model.ts'
import type { NetworkPath } from '../paths/network-paths.ts'

/** What is known, from each side, of the networks that hosts share: what the comparison begins with. */
export interface SharedFacts {
  readonly self: ClusterSelf
  /** An interface of this host has the address that the others know it by. */
  readonly isAddressHere: boolean
  readonly status: ClusterStatus
  readonly nodes: readonly ClusterNode[]
  readonly networks: readonly NetworkFacts[]
  readonly quarantined: readonly { readonly endpoint: SharedEndpoint; readonly reason: string }[]
}

/** One network, as etcd, the records of this host, the kernel and the heartbeats have it. */
export interface NetworkFacts {
  readonly id: string
  readonly name: string
  /** Undefined: etcd does not have it. */
  readonly shared: SharedNetwork | undefined
  /** This host's record of it is there. */
  readonly isRecorded: boolean
  /** This host has its part of it in the kernel. */
  readonly isJoined: boolean
  /** Etcd's, of all hosts. */
  readonly endpoints: readonly SharedEndpoint[]
  /** This host's records. */
  readonly records: readonly EndpointRecord[]
  readonly differences: readonly Difference[]
  readonly paths: readonly NetworkPath[]
}

/** Something that is otherwise on one side than on another. */
export interface Finding {
  /** Name of the network; empty: it is about none alone. */
  readonly network: string
  /** A sentence without its full stop. */
  readonly what: string
  /** What to do about it, or what the engine does. */
  readonly remedy: string
}
