/** One host of the cluster, as `/wharf/nodes` lists it. Docker has no such thing without swarm. */
export interface NodeResource {
  readonly ID: string
  readonly Name: string
  /** Where its end of every tunnel is: an IP address. */
  readonly Address: string
  /** Bytes: of the interface that has the address. */
  readonly MTU: number
  /** `lost`: without a sign of life, its names are still answered; `unknown`: etcd is out of reach. */
  readonly State: 'alive' | 'lost' | 'dead' | 'unknown'
  /** Version of the engine that it runs; empty when it is not alive. */
  readonly EngineVersion: string
  /** True: the host that answers. */
  readonly Self: boolean
}

/** One host with what it holds: `GET /wharf/nodes/{id}`. */
export interface NodeInspect extends NodeResource {
  /** Containers of that host on shared networks. */
  readonly Endpoints: readonly NodeEndpoint[]
  /** What heartbeats say of the way from the host that answers, on each network that both are on. */
  readonly Paths: readonly NodePath[]
  /** Only of the host that answers. */
  readonly Store?: StoreStatus
}

/** Whether packets get to another host and back on one network. */
export interface NodePath {
  /** Name. */
  readonly Network: string
  /** `unknown`: not tried yet. `ok`: packets of full size. `mtu`: small ones only. `lost`: none. */
  readonly State: 'unknown' | 'ok' | 'mtu' | 'lost'
  /** RFC 3339: since when it has been so. */
  readonly Since: string
  /** There and back; 0 while nothing comes back. */
  readonly RoundTripMilliseconds: number
  /** Bytes: the largest packet that is known to pass; 0: none. */
  readonly Size: number
  /** Bytes: the largest packet that containers on the network may send. */
  readonly FullSize: number
}

/** A container's place on a shared network. */
export interface NodeEndpoint {
  readonly EndpointID: string
  readonly Network: string
  readonly Container: string
  readonly IPv4Address: string
  readonly IPv6Address: string
  readonly MacAddress: string
  /** Why it may not be used; empty: it may. */
  readonly Quarantined: string
}

/** Whether shared state can be changed now. */
export interface StoreStatus {
  readonly Reachable: boolean
  /** RFC 3339: since when it has been so. */
  readonly Since: string
  /** Why it is not reachable. */
  readonly Reason: string
  /** `"http://192.0.2.1:2379"` */
  readonly Members: readonly string[]
  readonly Revision: number
}
