/** The engine's settings: one JSON file and flags, read once at start. */
export interface EngineConfig {
  /** `unix:///run/wharf.sock`, … */
  readonly hosts: readonly string[]
  readonly dataRoot: string
  readonly execRoot: string
  /** Carry published ports by the userland proxy too, as Docker's option of that name does. */
  readonly userlandProxy: boolean
  /** Address and prefix of the default bridge: `"172.17.0.1/16"`. Missing: chosen from the pools. */
  readonly bip: string | undefined
  /** Bytes. */
  readonly mtu: number
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** `base` is cut into blocks of `size` bits. */
  readonly defaultAddressPools: readonly { readonly base: string; readonly size: number }[]
  readonly labels: readonly string[]
  /** Path of the OCI runtime. */
  readonly runtime: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly debug: boolean
}
