import type { EndpointSettings } from './container.ts'

/** One port of a container in a list; without `PublicPort` it is only exposed. */
export interface PortSummary {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}

/** One mount of a container. @source Docker Engine API v1.51, MountPoint */
export interface MountPoint {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'image'
  /** Of a volume. */
  readonly Name?: string
  readonly Source: string
  readonly Destination: string
  /** Of a volume. */
  readonly Driver?: string
  readonly Mode: string
  readonly RW: boolean
  readonly Propagation: string
}

/** One container of a list. @source Docker Engine API v1.51, ContainerList */
export interface ContainerSummary {
  readonly Id: string
  /** With their leading slash. */
  readonly Names: readonly string[]
  readonly Image: string
  readonly ImageID: string
  readonly Command: string
  /** Seconds since 1970. */
  readonly Created: number
  readonly Ports: readonly PortSummary[]
  readonly Labels: Readonly<Record<string, string>>
  readonly State: string
  /** For people: `"Up 5 seconds"`. */
  readonly Status: string
  readonly HostConfig: { readonly NetworkMode: string; readonly Annotations?: Readonly<Record<string, string>> | null }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointSettings>> }
  readonly Mounts: readonly MountPoint[]
  /** Bytes; only when asked for. */
  readonly SizeRw?: number
  readonly SizeRootFs?: number
}
