import type { PortProtocol } from '../resolver/protocol.ts'
import type { StoredRecord } from '../store/store.ts'
import type { PluginFacts } from './endpoints/attach.ts'
import type { SandboxWish } from './networking.ts'
import type { EndpointTerms } from './terms.ts'

/** One subnet of a network. */
export interface IpamConfig {
  /** `"172.18.0.0/16"`, without host bits. */
  readonly subnet: string
  readonly ipRange?: string
  readonly gateway?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** A subnet that a plugin has lent. */
export interface LentPool {
  /** The plugin's own name of it. */
  readonly id: string
  readonly family: 'ipv4' | 'ipv6'
  /** As in the network's configuration. */
  readonly subnet: string
  /** That the plugin was asked for, and wants back. */
  readonly gateway?: string
}

/** What a plugin is to get back, in this order; recorded until it has heard it. */
export interface OwedRecord extends StoredRecord {
  readonly version: 1
  readonly id: string
  /** Name of the plugin. */
  readonly driver: string
  /** Without an address: the pool itself. */
  readonly releases: readonly { readonly poolId: string; readonly address?: string }[]
}

/** What the plugin of a network is to remove; recorded until it has heard it. */
export interface OwedRemoval extends StoredRecord {
  readonly version: 1
  readonly id: string
  /** Name of the plugin. */
  readonly driver: string
  readonly networkId: string
  /** Absent: the network itself. */
  readonly endpointId?: string
  /** The container went out by it, and the plugin was told so. */
  readonly isGateway?: boolean
}

/** A network as it was asked for, with everything chosen that was left open. */
export interface NetworkRecord extends StoredRecord {
  readonly version: 1
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly scope: 'local' | 'global'
  /** RFC 3339 with nanoseconds, as Docker prints it. */
  readonly created: string
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  readonly ipam: {
    readonly driver: string
    readonly options: Readonly<Record<string, string>>
    readonly configs: readonly IpamConfig[]
    /** Where a plugin manages the addresses: what it has lent. Absent: they are our own. */
    readonly pools?: readonly LentPool[]
  }
  readonly internal: boolean
  readonly attachable: boolean
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** A template for other networks: no network itself. Its subnets are wishes, which take up no room. */
  readonly template?: { readonly ipamConfigs: readonly Partial<IpamConfig>[] }
  /** Name of the template that this network was made from. */
  readonly configFrom?: string
  /** Of a network that spans hosts: what all of them go by. */
  readonly shared?: {
    /** One for each subnet, in the order of `ipam.configs`. */
    readonly vnis: readonly number[]
    /** Bytes: the least that the wire of any host carries at once. */
    readonly underlayMtu: number
    /** This host's own part of the only subnet, where each host has one; absent while it has none. */
    readonly block?: IpamConfig
  }
}

/** One container's place on one network while it runs. */
export interface EndpointRecord extends StoredRecord {
  readonly version: 1
  readonly id: string
  readonly networkId: string
  readonly networkName: string
  readonly containerId: string
  readonly containerName: string
  /** In the container: `"eth0"`. Empty where the network makes no interface. */
  readonly interfaceName: string
  /** `"02:42:ac:11:00:02"`, empty where there is none. */
  readonly mac: string
  /** `"172.17.0.2/16"` */
  readonly ipv4?: string
  readonly ipv6?: string
  /** `"169.254.8.8/16"`: addresses of the link alone. */
  readonly linkLocal?: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
  /** The interface itself leads outside: default routes by it have no next hop. */
  readonly leadsOutside?: true
  /** In DNS order; the first one answers PTR. */
  readonly dnsNames: readonly string[]
  readonly aliases: readonly string[]
  /** `"container:alias"`: names that only this container sees. */
  readonly links: readonly string[]
  readonly driverOptions: Readonly<Record<string, string>>
  readonly gatewayPriority: number
  /** What its driver decided, where drivers decide for each endpoint. */
  readonly terms?: EndpointTerms
  /** What the plugin that made it has said of it, where one did. */
  readonly told?: PluginFacts
  /** The engine's own, for a container that has no other way out: shown on its network, not on the container. */
  readonly isGateway?: true
}

/** A published port as it is now: `docker port` prints these. */
export interface PublishedPort {
  readonly protocol: PortProtocol
  readonly containerPort: number
  /** `"0.0.0.0"`, `"::"`, or one address of the host. */
  readonly hostAddress: string
  /** 0: none; the port is open at the container's own address. */
  readonly hostPort: number
}

/** A network namespace that the engine owns, and what is plugged into it. */
export interface SandboxRecord extends StoredRecord {
  readonly version: 1
  readonly id: string
  readonly containerId: string
  /** `/run/wharf/netns/<id12>`; of the donor for `container:`; the engine's own (`/proc/1/ns/net`-like) for `host`. */
  readonly path: string
  readonly ports: readonly PublishedPort[]
  /** What the container asked for, with the name that it has now: everything can be made again from this. */
  readonly wish: SandboxWish
  /** SHA-256 of the `resolv.conf` that we wrote last; a file that differs is the user's own. Empty: not ours. */
  readonly resolvConfHash: string
  /** The container has ended, and others live in its network on. */
  readonly abandoned?: true
}
