import type { Family, Meter } from '../base/meters.ts'
import type { PortProtocol } from '../resolver/protocol.ts'
import type { EndpointRecord, IpamConfig, NetworkRecord, PublishedPort, SandboxRecord } from './model.ts'
import type { PortReach } from './ports/reach.ts'
import type { TrafficReader } from './sandbox/traffic.ts'
import type { SharedReport } from './shared/doctor/examine-shared.ts'
import type { NetworkElsewhere } from './shared/elsewhere.ts'
import type { NetworkPath } from './shared/paths/network-paths.ts'

/** A network to make, checked for shape at the API's door, not yet for meaning. */
export interface NetworkRequest {
  readonly name: string
  readonly driver: string
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipamDriver: string
  readonly ipamOptions: Readonly<Record<string, string>>
  /** `subnet` may be missing: one is chosen from the pools. */
  readonly ipamConfigs: readonly Partial<IpamConfig>[]
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** True: a template for other networks, and nothing else. */
  readonly configOnly?: boolean
  /** Name of the template that says everything that this request does not. */
  readonly configFrom?: string
}

/** A network that somebody asks for: families that are not named are as its options say, else IPv4 alone. */
export interface NetworkWish extends Omit<NetworkRequest, 'driver' | 'enableIPv4' | 'enableIPv6'> {
  /** The default driver, unless named. */
  readonly driver?: string
  readonly enableIPv4?: boolean
  readonly enableIPv6?: boolean
}

/** What a container wants of one network. */
export interface AttachmentWish {
  /** Name or id of the network. */
  readonly network: string
  readonly aliases: readonly string[]
  readonly ipv4?: string
  readonly ipv6?: string
  readonly mac?: string
  /** Addresses of the link alone, besides those of the network. */
  readonly linkLocal?: readonly string[]
  readonly links: readonly string[]
  readonly driverOptions: Readonly<Record<string, string>>
  readonly gatewayPriority: number
}

/** A port of a container that is to be reached through the host. */
export interface PortWish {
  readonly protocol: PortProtocol
  readonly containerPort: number
  /** `""`: any address, both families. */
  readonly hostAddress: string
  /** Inclusive; the first free one is taken. `{ from: 0, to: 0 }`: any free port. */
  readonly hostPorts: { readonly from: number; readonly to: number }
}

/** How a container's network namespace comes to be. */
export type SandboxMode =
  | { readonly kind: 'host' }
  | { readonly kind: 'join'; readonly containerId: string }
  | { readonly kind: 'own'; readonly attachments: readonly AttachmentWish[]; readonly foreign?: ForeignNamespace }

/** A network namespace that another engine has made, and ends. */
export interface ForeignNamespace {
  readonly path: string
  /** Another namespace on that path is another one. */
  readonly inode: number
}

/** One interface that a container of another engine is to have. */
export interface ForeignWish {
  /** As the other engine calls it: letters, digits, `_`, `.` and `-`. */
  readonly containerId: string
  readonly namespacePath: string
  readonly interfaceName: string
  /** Name or id of the network. */
  readonly network: string
  /** Under which name the other engine knows the network. */
  readonly owner: string
  /** How others on the network call it. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly ipv4?: string
  readonly ipv6?: string
  readonly mac?: string
  readonly ports: readonly PortWish[]
}

/** Containers of other engines on our networks. They stay across our restarts while their namespace lives. */
export interface ForeignContainers {
  /** All of it or none. @returns the container's sandbox, and the one endpoint that was made */
  attach(wish: ForeignWish): Promise<SandboxView>
  /** Absent is success. */
  detach(containerId: string, interfaceName: string): Promise<void>
  /**
   * What is otherwise than it was made, in words; empty: nothing. Looks at the kernel.
   *
   * @param expected addresses that its owner remembers: `"10.0.0.2/24"`
   */
  check(containerId: string, interfaceName: string, expected: readonly string[]): readonly string[]
  /** Detaches what an owner attached to a network and does not have any more. */
  collect(
    network: string,
    owner: string,
    isValid: (containerId: string, interfaceName: string) => boolean,
  ): Promise<void>
}

/** Everything that a container's start asks of the network. */
export interface SandboxWish {
  readonly containerId: string
  /** Without the leading slash. */
  readonly containerName: string
  readonly hostname: string
  readonly domainname: string
  readonly mode: SandboxMode
  readonly ports: readonly PortWish[]
  /** What the container says it serves: links let these through. */
  readonly exposed?: readonly { readonly protocol: PortProtocol; readonly port: number }[]
  readonly dns: {
    readonly servers: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }
  /** `"name:address"`, `"name:host-gateway"`. */
  readonly extraHosts: readonly string[]
  /** `net.*` only; written in the new namespace. */
  readonly sysctls: Readonly<Record<string, string>>
  /** The container's directory: `hosts`, `hostname` and `resolv.conf` are written here and kept up to date. */
  readonly filesDir: string
}

/** A container's network as it is now. */
export interface SandboxView {
  readonly sandbox: SandboxRecord
  readonly endpoints: readonly EndpointRecord[]
}

/** What happened to a network, for `/events`. */
export interface NetworkEvent {
  readonly action:
    | 'create'
    | 'connect'
    | 'disconnect'
    | 'destroy'
    | 'prune'
    | 'heal'
    | 'quarantine'
    | 'orphaned'
    | 'mtu'
    | 'shadowed'
    | 'cleared'
    | 'path'
  readonly network: { readonly id: string; readonly name: string; readonly driver: string }
  readonly containerId?: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** A subnet, or part of it, that the host's routes lead elsewhere. */
export interface ShadowedSubnet {
  /** Name of the network. */
  readonly network: string
  readonly subnet: string
  /** `"default"`, or a prefix. */
  readonly route: string
  /** Where packets go instead; empty where they go nowhere. */
  readonly device: string
  /** 254 is `main`. */
  readonly table: number
}

/**
 * The network heart as the rest of the engine sees it.
 *
 * Every call is all or nothing, and may be repeated after a crash at any point. Errors are `EngineError` with
 * Docker's words where Docker has them.
 */
export interface Networking {
  readonly foreign: ForeignContainers
  /** Names of the drivers that come with the engine. */
  readonly drivers: readonly string[]
  create(request: NetworkWish): Promise<{ readonly id: string; readonly warning: string }>
  remove(nameOrId: string): Promise<void>
  /** Full id, then full name, then id prefix. @throws {EngineError} `not-found`, or `invalid-argument` when ambiguous */
  find(nameOrId: string): NetworkRecord
  list(): readonly NetworkRecord[]
  /** Networks that nobody uses, of those that `filter` takes; answers their names. @param inUse network ids that containers, running or not, name */
  prune(filter: (network: NetworkRecord) => boolean, inUse: ReadonlySet<string>): Promise<readonly string[]>
  endpointsOf(networkId: string): readonly EndpointRecord[]
  /** What other hosts have on a network that they share; undefined for one of this host alone. */
  elsewhere(networkId: string): NetworkElsewhere | undefined
  /** What heartbeats say of the ways to other hosts on a network; none for one that this host has no part of. */
  paths(networkId: string): readonly NetworkPath[]
  /** Begins to change the secret of an encrypted network; answers which hosts are waited for. Undefined while the engine is alone. */
  rotateSecret(networkId: string): Promise<readonly string[]> | undefined
  /** What differs between etcd, records, kernel and heartbeats; undefined while the engine is alone. Changes nothing. */
  examineShared(networkId?: string): Promise<SharedReport> | undefined
  /** True for `bridge`, `host` and `none`. */
  isPredefined(name: string): boolean

  /**
   * Checks what can be known before a container starts: networks exist, addresses lie in subnets, names are allowed.
   * Touches nothing. Docker's sentence depends on what it is checked for: `create` unless told.
   *
   * @returns warnings for the user, in Docker's words
   */
  check(wish: SandboxWish, checkedFor?: 'create' | 'connect'): readonly string[]
  /** Makes namespace, endpoints, published ports, names and files. */
  openSandbox(wish: SandboxWish): Promise<SandboxView>
  /**
   * Absent is success. The kernel's part is done when this returns, slow deletions excepted. A network in which other
   * containers live stays until they have ended too, or until its owner opens it again.
   */
  closeSandbox(containerId: string): Promise<void>
  sandboxOf(containerId: string): SandboxView | undefined
  connect(containerId: string, wish: AttachmentWish): Promise<EndpointRecord>
  disconnect(containerId: string, network: string): Promise<void>
  /** A container is there, whether it runs or not: until it does, its names are answered with NODATA. */
  announce(wish: SandboxWish): Promise<void>
  /** A container is gone: its names go, and its network, whoever still lives in it. Absent is success. */
  forget(containerId: string): Promise<void>
  /** A container has a new name: its DNS names and hosts files follow. */
  rename(containerId: string, name: string): Promise<void>
  /** What a container's interfaces carry; it may be there or not, now and later. */
  trafficOf(containerId: string): TrafficReader
  /** What it has done so far, to be read at any time. */
  readonly meters: readonly Meter[]
  /** What the resolver has done since it was started; nothing when none runs. */
  readNameMeters(): Promise<readonly Family[]>
  publishedPorts(containerId: string): readonly PublishedPort[]
  /** From where its published ports are reached now, and why not from elsewhere. Looks at the host. */
  reachOf(containerId: string): readonly PortReach[]
  /** Publishes more ports of a container that has a network of its own; answers what was bound. */
  publish(containerId: string, wishes: readonly PortWish[]): Promise<readonly PublishedPort[]>
  /** Withdraws ports. @param remaining all that the container wishes from now on */
  unpublish(containerId: string, gone: readonly PublishedPort[], remaining: readonly PortWish[]): Promise<void>

  /** Routes of the host that take packets away from networks: a VPN's, mostly. */
  shadows(): readonly ShadowedSubnet[]
  /** Makes kernel and resolver so that they agree with the records, and removes what no container in `running` owns. */
  recover(running: ReadonlySet<string>): Promise<void>
  /** Ends background work of this process; leaves namespaces, rules and the resolver as they are. */
  close(): Promise<void>
}
