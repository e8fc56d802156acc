import type { Limits } from './limits.ts'

/** `"80/tcp"`, `"53/udp"`: a container port as Docker's JSON keys write it. */
export type PortKey = string

/** Where one container port is published. Empty strings mean "any address" and "any free port". */
export interface PortBinding {
  readonly HostIp?: string
  /** One port `"8080"`, or a range `"8000-8010"` of which the first free one is taken. */
  readonly HostPort?: string
}

/** What runs in a container. @source Docker Engine API v1.51, ContainerConfig */
export interface ContainerConfig {
  readonly Hostname?: string
  readonly Domainname?: string
  readonly User?: string
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  readonly ExposedPorts?: Readonly<Record<PortKey, object>> | null
  readonly Tty?: boolean
  readonly OpenStdin?: boolean
  readonly StdinOnce?: boolean
  readonly Env?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly Image?: string
  readonly Volumes?: Readonly<Record<string, object>> | null
  readonly WorkingDir?: string
  readonly NetworkDisabled?: boolean
  readonly MacAddress?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  /** Seconds. */
  readonly StopTimeout?: number
  readonly Healthcheck?: HealthConfig | null
  /** Of images alone; Docker shows the field in containers, too. */
  readonly OnBuild?: readonly string[] | null
  /** What `CMD-SHELL` runs; an image sets it. */
  readonly Shell?: readonly string[] | null
}

/** Durations are in nanoseconds, as Docker has them. */
export interface HealthConfig {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** Whether a container is started again when it ends. */
export interface RestartPolicy {
  readonly Name?: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure'
  readonly MaximumRetryCount?: number
}

/** A device of the host that a container may use. */
export interface DeviceMapping {
  readonly PathOnHost: string
  readonly PathInContainer?: string
  readonly CgroupPermissions?: string
}

/** Devices by what they can do: `--gpus`. */
export interface DeviceRequest {
  readonly Driver?: string
  /** -1: all. */
  readonly Count?: number
  readonly DeviceIDs?: readonly string[] | null
  /** Sets of words, of which one must fit. */
  readonly Capabilities?: readonly (readonly string[])[] | null
  readonly Options?: Readonly<Record<string, string>> | null
}

/** One resource limit of a process, as setrlimit(2) has it. */
export interface Ulimit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}

/** Something of the host, or made for the purpose, that is mounted into a container. */
export interface Mount {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'image'
  readonly Source?: string
  readonly Target: string
  readonly ReadOnly?: boolean
  readonly Consistency?: string
  readonly BindOptions?: {
    readonly Propagation?: string
    readonly CreateMountpoint?: boolean
    readonly NonRecursive?: boolean
    readonly ReadOnlyNonRecursive?: boolean
    readonly ReadOnlyForceRecursive?: boolean
  }
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly Subpath?: string
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> | null }
  }
  readonly ImageOptions?: { readonly Subpath?: string }
  /** Bytes; a mode as a number: `0o1777`. */
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number
    readonly Mode?: number
    readonly Options?: readonly (readonly string[])[]
  }
}

/** How the host runs a container. @source Docker Engine API v1.51, HostConfig */
export interface HostConfig extends Limits {
  readonly Binds?: readonly string[] | null
  readonly Mounts?: readonly Mount[] | null
  /** Containers whose mounts this one has, too: `"name"`, `"name:ro"`. */
  readonly VolumesFrom?: readonly string[] | null
  /** Of volumes that only have a name. */
  readonly VolumeDriver?: string
  readonly NetworkMode?: string
  readonly PortBindings?: Readonly<Record<PortKey, readonly PortBinding[] | null>> | null
  readonly PublishAllPorts?: boolean
  readonly RestartPolicy?: RestartPolicy
  readonly AutoRemove?: boolean
  readonly ConsoleSize?: readonly [number, number]
  readonly CapAdd?: readonly string[] | null
  readonly CapDrop?: readonly string[] | null
  readonly Dns?: readonly string[] | null
  readonly DnsOptions?: readonly string[] | null
  readonly DnsSearch?: readonly string[] | null
  readonly ExtraHosts?: readonly string[] | null
  readonly GroupAdd?: readonly string[] | null
  readonly IpcMode?: string
  readonly PidMode?: string
  readonly UTSMode?: string
  readonly CgroupnsMode?: string
  readonly UsernsMode?: string
  readonly Isolation?: string
  /** For the OCI runtime, in its configuration. */
  readonly Annotations?: Readonly<Record<string, string>> | null
  readonly StorageOpt?: Readonly<Record<string, string>> | null
  /** Control group below which the container gets its own: `"/my-group"`. */
  readonly CgroupParent?: string
  readonly Links?: readonly string[] | null
  readonly OomScoreAdj?: number
  readonly Privileged?: boolean
  readonly ReadonlyRootfs?: boolean
  readonly SecurityOpt?: readonly string[] | null
  readonly Tmpfs?: Readonly<Record<string, string>> | null
  /** Bytes. */
  readonly ShmSize?: number
  readonly Sysctls?: Readonly<Record<string, string>> | null
  readonly Runtime?: string
  readonly Init?: boolean | null
  readonly Devices?: readonly DeviceMapping[] | null
  /** `"c 42:* rmw"`: devices that may come later. */
  readonly DeviceCgroupRules?: readonly string[] | null
  readonly DeviceRequests?: readonly DeviceRequest[] | null
  readonly Ulimits?: readonly Ulimit[] | null
  readonly MaskedPaths?: readonly string[] | null
  readonly ReadonlyPaths?: readonly string[] | null
  readonly LogConfig?: { readonly Type?: string; readonly Config?: Readonly<Record<string, string>> | null }
}

/** One network of a container, as asked and as it is. @source Docker Engine API v1.51, EndpointSettings */
export interface EndpointSettings {
  readonly IPAMConfig?: {
    readonly IPv4Address?: string
    readonly IPv6Address?: string
    readonly LinkLocalIPs?: readonly string[]
  } | null
  readonly Links?: readonly string[] | null
  readonly Aliases?: readonly string[] | null
  readonly MacAddress?: string
  readonly DriverOpts?: Readonly<Record<string, string>> | null
  readonly GwPriority?: number
  readonly NetworkID?: string
  readonly EndpointID?: string
  readonly Gateway?: string
  readonly IPAddress?: string
  readonly IPPrefixLen?: number
  readonly IPv6Gateway?: string
  readonly GlobalIPv6Address?: string
  readonly GlobalIPv6PrefixLen?: number
  readonly DNSNames?: readonly string[] | null
  /** Of an endpoint that a CNI plugin has made: what it said besides. Docker has no such fields. */
  readonly Routes?: readonly { readonly Destination: string; readonly Gateway?: string }[]
  readonly DNS?: {
    readonly Nameservers: readonly string[]
    readonly Search: readonly string[]
    readonly Options: readonly string[]
  }
}

/** The networks of a new container, by name or id. */
export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings | null>> | null
}

/** The body of `POST /containers/create`. */
export interface ContainerCreateBody extends ContainerConfig {
  readonly HostConfig?: HostConfig | null
  readonly NetworkingConfig?: NetworkingConfig | null
}

/** Where in its life a container is. */
export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
