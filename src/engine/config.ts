import type { NetworkConfig } from '../network/config.ts'

/** The engine's settings: one JSON file and flags, read once at start. */
export interface EngineConfig extends NetworkConfig {
  /** `unix:///run/wharf.sock`, … */
  readonly hosts: readonly string[]
  readonly dataRoot: string
  readonly execRoot: string
  /** Empty: none. */
  readonly pidfile: string
  readonly labels: readonly string[]
  readonly debug: boolean
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  /** False: containers end with the engine. */
  readonly liveRestore: boolean
  /** Name or path of the OCI runtime. */
  readonly runtime: string
  /** Empty: no other value is taken. */
  readonly usernsRemap: string
  /** For containers that name none. */
  readonly logDriver: string
  readonly logOptions: Readonly<Record<string, string>>
  readonly registryMirrors: readonly string[]
  readonly insecureRegistries: readonly string[]
  /** TLS on TCP; undefined: nothing was said, and TCP is refused unless `tlsVerify` says something. */
  readonly tls: boolean | undefined
  /** Clients need certificates; undefined: nothing was said. */
  readonly tlsVerify: boolean | undefined
  readonly tlsCaCert: string
  readonly tlsCert: string
  readonly tlsKey: string
  /** A directory by registry: `<registryCertificates>/<host:port>/{*.crt,*.cert,*.key}`. */
  readonly registryCertificates: string
  /** Pulls that fetch layers at the same time. */
  readonly maxDownloads: number
  /** Pushes that send layers at the same time. */
  readonly maxUploads: number
  /** `etcd://HOST:2379`; empty: this host shares no networks. */
  readonly clusterStore: string
  /** An interface or an address of this host. */
  readonly clusterAdvertise: string
  readonly clusterStoreOptions: Readonly<Record<string, string>>
  /** `127.0.0.1:9323`; empty: metrics are served on the API's sockets only. */
  readonly metricsAddr: string
}
