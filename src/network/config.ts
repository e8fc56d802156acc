/** The engine's settings that the network cares about. */
export interface NetworkConfig {
  /** Carry published ports by the userland proxy too. */
  readonly userlandProxy: boolean
  /** Address and prefix of the default bridge: `"172.17.0.1/16"`. Empty: chosen from the pools. */
  readonly bip: string
  /** Bytes; of the default bridge, and of networks that do not say. */
  readonly mtu: number
  /** For containers that name none. */
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** `base` is cut into blocks of `size` bits. Empty: the built-in pools. */
  readonly defaultAddressPools: readonly { readonly base: string; readonly size: number }[]
}
