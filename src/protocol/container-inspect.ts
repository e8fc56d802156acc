import type { ContainerConfig, ContainerStatus, EndpointSettings, HostConfig, PortBinding } from './container.ts'
import type { MountPoint } from './container-summary.ts'

/** @source Docker Engine API v1.51, Health */
export interface HealthView {
  readonly Status: 'starting' | 'healthy' | 'unhealthy'
  readonly FailingStreak: number
  /** The newest last. */
  readonly Log: readonly {
    readonly Start: string
    readonly End: string
    readonly ExitCode: number
    readonly Output: string
  }[]
}

/** @source Docker Engine API v1.51, ContainerState */
export interface ContainerStateView {
  readonly Status: ContainerStatus
  readonly Running: boolean
  readonly Paused: boolean
  readonly Restarting: boolean
  readonly OOMKilled: boolean
  readonly Dead: boolean
  readonly Pid: number
  readonly ExitCode: number
  readonly Error: string
  readonly StartedAt: string
  readonly FinishedAt: string
  /** Only of a container with a health check. */
  readonly Health?: HealthView
}

/** The network of a container. The fields after `Networks` tell of the default bridge only, as before API 1.21. */
export interface NetworkSettingsView {
  readonly Bridge: string
  readonly SandboxID: string
  readonly SandboxKey: string
  readonly Ports: Readonly<Record<string, readonly PortBinding[] | null>>
  readonly Networks: Readonly<Record<string, EndpointSettings>>
  readonly HairpinMode: boolean
  readonly LinkLocalIPv6Address: string
  readonly LinkLocalIPv6PrefixLen: number
  readonly SecondaryIPAddresses: null
  readonly SecondaryIPv6Addresses: null
  readonly EndpointID: string
  readonly Gateway: string
  readonly GlobalIPv6Address: string
  readonly GlobalIPv6PrefixLen: number
  readonly IPAddress: string
  readonly IPPrefixLen: number
  readonly IPv6Gateway: string
  readonly MacAddress: string
}

/** One container. @source Docker Engine API v1.51, ContainerInspect */
export interface ContainerInspect {
  readonly Id: string
  readonly Created: string
  readonly Path: string
  readonly Args: readonly string[]
  readonly State: ContainerStateView
  readonly Image: string
  readonly ResolvConfPath: string
  readonly HostnamePath: string
  readonly HostsPath: string
  readonly LogPath: string
  /** With its leading slash. */
  readonly Name: string
  readonly RestartCount: number
  readonly Driver: string
  readonly Platform: string
  readonly MountLabel: string
  readonly ProcessLabel: string
  readonly AppArmorProfile: string
  readonly ExecIDs: readonly string[] | null
  readonly HostConfig: HostConfig
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> }
  readonly Mounts: readonly MountPoint[]
  readonly Config: ContainerConfig
  readonly NetworkSettings: NetworkSettingsView
  /** Bytes; only when asked for. */
  readonly SizeRw?: number
  readonly SizeRootFs?: number
}

/** The answer of `POST /containers/{id}/wait`. @source Docker Engine API v1.51, ContainerWait */
export interface WaitResult {
  readonly StatusCode: number
  readonly Error?: { readonly Message: string }
}
