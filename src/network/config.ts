/** The engine's settings of the default bridge. Empty text: nothing is said. */
export interface DefaultBridgeConfig {
  /** A bridge of the host that somebody else has made; `"none"`: no default network. */
  readonly bridge: string
  /** Address and prefix of the default bridge: `"172.17.0.1/16"`. Empty: chosen from the pools. */
  readonly bip: string
  readonly bip6: string
  /** Part of the subnet that addresses are chosen from. */
  readonly fixedCidr: string
  /** The same of IPv6; without `bip6` the subnet itself. */
  readonly fixedCidrV6: string
  readonly defaultGateway: string
  readonly defaultGatewayV6: string
  readonly icc: boolean
  /** Of published ports that name none. */
  readonly hostAddress: string
  readonly ipMasq: boolean
  readonly ipv6: boolean
  /** Bytes; 0: as the host's way out has it. */
  readonly mtu: number
}

/** The engine's settings that the network cares about. */
export interface NetworkConfig extends DefaultBridgeConfig {
  /** Switch forwarding on where a network needs it. */
  readonly ipForward: boolean
  readonly ipForwardNoDrop: boolean
  /** Write firewall rules for IPv4, and for IPv6. */
  readonly iptables: boolean
  readonly ip6tables: boolean
  /** Carry published ports by the userland proxy too. */
  readonly userlandProxy: boolean
  /** What comes from outside for published ports is delivered to the host, whose rules decide. */
  readonly publishedPortsObeyInput: boolean
  /** Published ports are reached at the containers' own addresses too. */
  readonly allowDirectRouting: boolean
  /** Packets with this mark reach every port: `"0x100/0xff00"`. Empty: none. */
  readonly bridgeAcceptFwmark: string
  /** Where plugins are looked for before Docker's own places. */
  readonly pluginDir: string
  /** Seconds that a plugin is waited for, with all tries. */
  readonly pluginTimeout: number
  /** Where CNI plugins are looked for: `"/opt/cni/bin:/usr/lib/cni"`. */
  readonly cniPath: string
  /** For containers that name none. */
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** `base` is cut into blocks of `size` bits. Empty: the built-in pools. */
  readonly defaultAddressPools: readonly { readonly base: string; readonly size: number }[]
  /** Options of new networks that do not say, by driver. */
  readonly defaultNetworkOptions: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Where the host's own programs are answered: `"127.0.0.77"`, `"127.0.0.77:5353"`. Empty: nowhere. */
  readonly hostResolver: string
  /** True: that may be an address which other machines reach. */
  readonly hostResolverExposed: boolean
  /** What `host-gateway` stands for. Empty: the addresses of the default bridge. */
  readonly hostGatewayIps: readonly string[]
}
