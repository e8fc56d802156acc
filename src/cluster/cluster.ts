import type {
  ClusterChange,
  ClusterNode,
  ClusterSelf,
  ClusterStatus,
  EndpointDraft,
  EndpointNames,
  NetworkDraft,
  SharedEndpoint,
  SharedNetwork,
} from './model.ts'
import type { Secrets } from './secrets/secrets.ts'

/**
 * The hosts that share networks, and what they share. `openCluster` makes it.
 *
 * Everything that only looks (`nodes`, `networks`, `endpoints`, …) is synchronous and reads a copy in memory that a
 * watch keeps up to date; it goes on without etcd, also after a restart of the engine, from a copy on disk. What needs
 * new shared state asks etcd, in one transaction each, and is refused at once while etcd is out of reach:
 * `EngineError` `unavailable`, `etcd unreachable since …: Cannot …`. One's own endpoints are owned, not leased: they
 * can be renamed, given back and taken on again at any time, and etcd hears of it when it is there.
 */
export interface Cluster {
  readonly self: ClusterSelf
  status(): ClusterStatus
  /** Hears of every change from now on, in order, in batches; called synchronously, so it must not take long. */
  listen(listener: (changes: readonly ClusterChange[]) => void): Disposable

  /** All nodes, oneself among them, in the order of their names. */
  nodes(): readonly ClusterNode[]
  node(id: string): ClusterNode | undefined
  /**
   * Removes a node that will not come back: its registration and all endpoints and addresses that it owned.
   *
   * @throws {EngineError} `not-found`; `conflict` for a node that is alive, unless forced; `invalid-argument` for oneself
   */
  removeNode(id: string, options?: { readonly force?: boolean }): Promise<void>

  /** In the order of their names. */
  networks(): readonly SharedNetwork[]
  network(id: string): SharedNetwork | undefined
  /**
   * Makes a network: name, subnets and VNI are taken together or not at all.
   *
   * @throws {EngineError} `conflict` `network with name X already exists`; those of `Addressing.planSubnets`;
   *   `invalid-argument` when no VNI is free, or the one that was asked for is not; `unavailable`
   */
  createNetwork(draft: NetworkDraft): Promise<SharedNetwork>
  /**
   * Removes a network that no endpoint is on, anywhere.
   *
   * @throws {EngineError} `not-found`; `unavailable`; `forbidden` in Docker's words for a network in use, each holder
   *   with its host: `… has active endpoints (name:"c1" id:"0123456789ab" host:"alpha")`
   */
  removeNetwork(id: string): Promise<void>

  /** Endpoints of a network on all hosts, in the order of their ids. */
  endpoints(networkId: string): readonly SharedEndpoint[]
  endpoint(id: string): SharedEndpoint | undefined
  /** Those of this host that are not given back, whether etcd knows them or not: what recovery compares with. */
  ownEndpoints(): readonly SharedEndpoint[]
  /** Why an endpoint of this host may not be used: see the change of that name. */
  quarantined(): readonly { readonly endpoint: SharedEndpoint; readonly reason: string }[]
  /**
   * Takes addresses, all of them or none, and records the endpoint.
   *
   * While etcd is away, a container gets back what it had given up on that network since etcd was last there.
   *
   * @throws {EngineError} `not-found` for a network that is gone; `forbidden` `Address already in use`; `internal` in
   *   Docker's words for a full subnet; `unavailable`
   */
  reserveEndpoint(draft: EndpointDraft): Promise<SharedEndpoint>
  /**
   * Takes on an endpoint that this host had before: after a restart of the engine, or of a container. Works without
   * etcd. What etcd has lost is written again with the same addresses; if they are somebody else's now, the endpoint
   * is quarantined, and the change of that name tells.
   */
  adoptEndpoint(endpoint: SharedEndpoint): Promise<void>
  /** Changes names. Works without etcd: the others hear of it when it is back. @throws {EngineError} `not-found` */
  updateEndpoint(id: string, names: EndpointNames): Promise<void>
  /** Gives an endpoint and its addresses back. Absent is success. Without etcd it is remembered, and done later. */
  releaseEndpoint(id: string): Promise<void>

  /** What the hosts of encrypted networks share. */
  readonly secrets: Secrets

  /** Waits until what this host owns and what etcd has are the same, or etcd is out of reach: for tests and for recovery. */
  settled(): Promise<void>
  /** Lets go: the node's records stay, its lease runs out unless the engine is back before. */
  close(): Promise<void>
}
