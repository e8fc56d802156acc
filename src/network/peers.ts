import type { Changes, DriverContext } from './driver.ts'
import type { BlockRequest } from './endpoints/block-request.ts'

/** How other hosts reach this one. */
export interface Underlay {
  /** The near end of every tunnel, of either family. */
  readonly address: string
  /** Bytes. */
  readonly mtu: number
}

/** What the hosts of an encrypted network share; nobody else must know it. */
export interface NetworkSecrets {
  /** Those that are accepted: one, or two while the hosts go over from one to the next. */
  readonly accepted: readonly NetworkSecret[]
  /** Number of the one that packets leave with. */
  readonly sending: number
}

/** One generation of a network's secret. */
export interface NetworkSecret {
  /** Counts upwards: 1, 2, … */
  readonly number: number
  /** 32 random bytes. */
  readonly bytes: Uint8Array
}

/** An endpoint on another host. */
export interface PeerSpec {
  readonly endpointId: string
  /** `"10.0.0.2/24"`, at most one of each family. */
  readonly addresses: readonly string[]
  readonly mac: string
  /** The far end of the tunnel: its host's `Underlay.address`. */
  readonly hostAddress: string
  /**
   * Name of the other host, where the peer is that host itself: it is there as long as any of its endpoints, has no
   * addresses here, and answers heartbeats.
   */
  readonly hostName?: string
}

/**
 * How a driver whose networks span hosts is told of the other hosts' endpoints.
 *
 * `ensure` compares with the kernel, and is always right; the others are for what is known to have changed, in the
 * order in which it did. None of them waits for another host.
 */
export interface PeerTable<Plan = unknown> {
  /**
   * The numbers that a request wishes for its subnets, in their order; empty when it does not care. Asked before the
   * network is made on any host.
   *
   * @throws {EngineError} for options that cannot be, or that this host cannot do
   */
  wishedVnis(options: Readonly<Record<string, string>>): readonly number[]
  /** True: see `DriverContext.secretsOf`. Pure. */
  needsSecrets?(plan: Plan): boolean
  /** True: so much was encrypted with the secret that is sent with that it is time for the next. */
  isWorn?(plan: Plan, context: DriverContext): boolean
  /**
   * Whether each host is to have a block of the subnet for itself, and how many bits of an address name it; undefined:
   * hosts have none. Asked before the network is made on any host.
   *
   * @throws {EngineError} `invalid-argument` for a request that cannot be
   */
  blocks?(request: BlockRequest): { readonly length?: number } | undefined
  /** Refuses hosts that this one cannot reach; asked before a container joins. @throws {EngineError} naming them */
  check?(plan: Plan, peers: readonly PeerSpec[], context: DriverContext): void
  /** Makes the network know these peers and no others. @param peers all of them */
  ensure(plan: Plan, peers: readonly PeerSpec[], context: DriverContext): Promise<Changes>
  /** Peers that are new, or have moved to another host. */
  add(plan: Plan, peers: readonly PeerSpec[], context: DriverContext): Promise<void>
  /** Peers that are gone from the host that is named; absent, or on another host meanwhile, is success. */
  remove(plan: Plan, peers: readonly PeerSpec[], context: DriverContext): Promise<void>
}
