import type { Log } from '../base/log.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import type { LinkReaper } from './cables/link-reaper.ts'
import type { Attacher } from './endpoints/attach.ts'
import type { Element } from './firewall/elements.ts'
import type { Family } from './ipam/prefix.ts'
import type { NetworkSecrets, PeerSpec, PeerTable, Underlay } from './peers.ts'
import type { EndpointTerms, TermsSource } from './terms.ts'

/** A network as a driver sees it: checked, with everything chosen that was left open. */
export interface NetworkSpec {
  /** 64 lower-case hex digits. */
  readonly id: string
  readonly name: string
  /** The one network that containers are on when they name none. */
  readonly isDefault: boolean
  /** At most one of each family unless the driver says otherwise. */
  readonly subnets: readonly SubnetSpec[]
  readonly internal: boolean
  readonly enableIPv6: boolean
  readonly options: Readonly<Record<string, string>>
  /**
   * Bytes that the wire between the hosts carries at once, of a network that spans hosts: the least of what any host
   * has. The driver takes its own headers off.
   */
  readonly underlayMtu?: number
  /** This host's own part of the only subnet, of a network that is cut into one for each; absent while it has none. */
  readonly hostBlock?: SubnetSpec
}

/** One subnet of a network, as a driver sees it. */
export interface SubnetSpec {
  readonly prefix: string
  /** Without length. */
  readonly gateway?: string
  /** By which number all hosts know it: 1 to 16777215, of this subnet alone. */
  readonly vni?: number
  /** By name, without length: taken for somebody who is no container. */
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** One container's place on a network, as a driver is to make it. */
export interface EndpointSpec {
  readonly id: string
  /** `"10.0.0.2/24"`, at most one of each family, and link-local ones. */
  readonly addresses: readonly string[]
  /** Empty: the driver's own choice, see `macFor`. */
  readonly mac: string
  /** In the container: `"eth0"`. */
  readonly interfaceName: string
  readonly driverOptions: Readonly<Record<string, string>>
  /** Of drivers that have terms. */
  readonly terms?: EndpointTerms
}

/** What the engine may ask of a driver, so that it never compares driver names. */
export interface DriverTraits {
  readonly scope: 'local' | 'global'
  /** True: only the network that the engine itself makes may use it. */
  readonly onlyPredefined: boolean
  /** True: endpoints have an interface and addresses. */
  readonly hasInterfaces: boolean
  readonly publishesPorts: boolean
  /** False: its subnets' gateways do not lead outside. A container that has no other gets one of the engine's. */
  readonly providesGateway: boolean
}

/** Everything that a driver may touch. Nothing in a driver is global. */
export interface DriverContext {
  /** Of the namespace that is the engine's host. */
  readonly host: NetlinkSocket
  readonly hostNamespace: NetworkNamespace
  readonly reaper: LinkReaper
  readonly log: Log
  /** True: whether the host forwards is its administrator's business. */
  readonly leavesForwarding?: boolean
  /** Where a driver may keep namespaces of its own, in a directory of its own. */
  readonly execRoot: string
  /** Undefined while the engine is alone. */
  readonly underlay?: Underlay | undefined
  /** What the hosts of an encrypted network share, as it is now; undefined: this host was not told. */
  readonly secretsOf?: (networkId: string) => NetworkSecrets | undefined
}

/** The network namespace of a container, open for a moment. */
export interface OpenSandbox {
  readonly namespace: NetworkNamespace
  /** Where other programs find it, whoever holds it open; absent: nowhere for good. */
  readonly path?: string
  readonly netlink: NetlinkSocket
}

/** The namespace that a network's bridge and cables are in, open until it is disposed of. */
export interface CablePlace extends Disposable {
  readonly namespace: NetworkNamespace
  readonly netlink: NetlinkSocket
  /** Name of the bridge. */
  readonly bridge: string
}

/**
 * How containers get out by a network: by the gateways of its subnets; by the interface itself, without a next hop; or
 * not at all.
 */
export type WayOut = 'gateway' | 'interface' | 'none'

/** One thing that the kernel holds otherwise than it should. */
export interface Difference {
  /** A sentence without its full stop: `"tunnel vx4096 is gone"`. */
  readonly what: string
  /** Id of the endpoint or host elsewhere that it keeps from being reached. */
  readonly about?: string
}

/** What `ensure…` had to do, in words; empty: it was so already. */
export type Changes = readonly string[]

/**
 * Whose a network's host interface is now.
 *
 * `lent`: somebody else's, who lets us use it. `foreign`: somebody else's, which only has the name.
 */
export type Ownership = 'ours' | 'lent' | 'foreign' | 'missing'

/** How a network's containers are reached by their published ports. */
export interface Publishing {
  /** The host address of published ports that name none; absent: any. */
  readonly defaultHostAddress?: string
  /** Families that are reached at the container's own address only: a host port means nothing. */
  readonly routed: readonly Family[]
  /** Families in which published ports are open at the container's own address; `routed` is among them. */
  readonly opened: readonly Family[]
  /** The firewall knows neither the network's interface nor its addresses: the proxy carries every published port. */
  readonly proxied?: true
}

/**
 * One kind of network: bridge, host, none, …
 *
 * `plan` comes first; every later call gets that plan back. `ensure*` and `remove*` describe an end, not a step: they
 * look at the kernel, do what is missing, and may be called again after a crash at any point. Calls for one network
 * never overlap with its removal.
 */
export interface NetworkDriver<Plan = unknown> {
  /** As `network ls` prints it. */
  readonly name: string
  readonly traits: DriverTraits
  /** Of drivers whose networks span hosts. */
  readonly peers?: PeerTable<Plan>
  /** Drivers that do this one's work where a network's options say so. */
  readonly backends?: readonly NetworkDriver[]
  /** The one of `backends` for these options; undefined: this one itself. @throws {EngineError} `invalid-argument` */
  backendFor?(options: NetworkSpec['options']): NetworkDriver | undefined
  /** The driver that made what this one's networks have on the host, and its plan: it sweeps them. */
  underlying?(plan: Plan): { readonly driver: NetworkDriver; readonly plan: unknown }
  /** Of drivers that decide for each endpoint how it looks. */
  readonly terms?: TermsSource<Plan>
  /** Of drivers that leave plugging in to somebody else's program, which chooses addresses and ways out too. */
  readonly attacher?: Attacher<Plan>

  /** Turns a request into a plan. Pure: touches nothing. @throws {EngineError} with Docker's words for options that cannot be */
  plan(spec: NetworkSpec): Plan
  /** Name of a kernel interface that no two networks can have; undefined when there is none. Pure. */
  hostInterface(plan: Plan): string | undefined
  /** The largest packet in bytes where nobody said, so that it follows the uplink; absent or undefined: it does not. Pure. */
  followedMtu?(plan: Plan, uplinkMtu: number): number | undefined
  /** The options of the default network as clients see them, with what was chosen for it; absent: as they are. */
  shownOptions?(plan: Plan, options: NetworkSpec['options'], context: DriverContext): NetworkSpec['options']
  /** Before the number, in the container: `"eth"`. Pure. */
  interfacePrefix(plan: Plan): string
  /** Families whose subnets need no gateway address: nobody would use it. None unless a driver says so. Pure. */
  freeOfGateway?(request: Pick<NetworkSpec, 'internal' | 'options'>): readonly Family[]
  /**
   * Name of an auxiliary address of each subnet that the host itself takes: chosen where the request names none. None
   * unless a driver says so. Pure.
   */
  hostAddress?(options: NetworkSpec['options']): string | undefined
  /** By the subnets' gateways unless a driver says otherwise. Pure. */
  wayOut?(plan: Plan): WayOut
  /**
   * Interfaces of the host that the network sits on, and may share with others, the nearest first: its containers are
   * looked after when one of them comes back. None unless a driver says so. Pure.
   */
  parents?(plan: Plan): readonly string[]
  /** How containers are reached by their published ports. Pure. */
  publishing(plan: Plan): Publishing
  /** The hardware address of an endpoint that names none, from its first address. Pure. */
  macFor(address: string): string
  /** What the firewall must know of the network. Pure. */
  elements(plan: Plan): readonly Element[]

  /** Of drivers whose bridges and cables are not in the host's namespace: opens where they are; undefined: not there. */
  openPlace?(plan: Plan, context: DriverContext): CablePlace | undefined
  /** Compares the kernel with what `ensureNetwork` and `peers.ensure` would make, and changes nothing. */
  examine?(plan: Plan, peers: readonly PeerSpec[], context: DriverContext): readonly Difference[]
  /** Looks at the kernel; a network that needs no interface of the host is `ours`. */
  ownership(plan: Plan, context: DriverContext): Ownership
  ensureNetwork(plan: Plan, context: DriverContext): Promise<Changes>
  /** The network is as good as gone; what the kernel does slowly goes on behind `context.reaper`. */
  removeNetwork(plan: Plan, context: DriverContext): Promise<void>

  /** Plugs an endpoint in: interface, addresses, all up. Default routes are the engine's. */
  ensureEndpoint(plan: Plan, endpoint: EndpointSpec, sandbox: OpenSandbox, context: DriverContext): Promise<Changes>
  /**
   * The interface is out of the container when this returns.
   *
   * @param sandbox undefined: the container's namespace is about to end, and what is in it with it
   */
  removeEndpoint(plan: Plan, endpoint: EndpointSpec, context: DriverContext, sandbox?: OpenSandbox): Promise<void>
  /**
   * The container's namespace ends, and what is in it with it: makes sure of that, and answers at once. The same
   * endpoint may be ensured in another namespace the next moment.
   */
  abandonEndpoint(plan: Plan, endpoint: EndpointSpec, context: DriverContext): void
  /** Removes from the host what carries this driver's mark and is not in `wanted`. @returns what it removed, in words */
  sweep(
    wanted: { readonly networks: readonly Plan[]; readonly endpointIds: ReadonlySet<string> },
    context: DriverContext,
  ): Promise<Changes>
}
