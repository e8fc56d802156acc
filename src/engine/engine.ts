import type { Meter } from '../base/meters.ts'
import type { Builder } from '../build/builder.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Containers } from '../container/containers.ts'
import type { Images } from '../image/images.ts'
import type { CgroupAbilities } from '../kernel/cgroups/cgroup-abilities.ts'
import type { Networking } from '../network/networking.ts'
import type { DoctorCheck } from '../protocol/system.ts'
import type { Volumes } from '../volume/volumes.ts'
import type { EngineConfig } from './config.ts'
import type { EngineEvent } from './events.ts'
import type { HostState } from './host-state.ts'
import type { MetricsText } from './metrics/render.ts'

/** What `/info` and `/version` tell of the host and the engine, measured when asked. */
export interface SystemFacts {
  readonly id: string
  readonly kernelVersion: string
  readonly operatingSystem: string
  readonly osVersion: string
  readonly architecture: string
  readonly hostname: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly cgroupVersion: '1' | '2'
  /** What the control groups of this machine can limit. */
  readonly abilities: CgroupAbilities
  /** Of the data root: `"extfs"`. */
  readonly fileSystem: string
  readonly engineVersion: string
  readonly gitCommit: string
  readonly buildTime: string
  /** Name and version of each part: `crun`, `conmon`. */
  readonly components: readonly { readonly name: string; readonly version: string }[]
  readonly warnings: readonly string[]
  readonly startedAt: string
}

/** The whole engine, as the API sees it. Built once, by `openEngine`. */
export interface Engine extends AsyncDisposable {
  readonly config: EngineConfig
  readonly containers: Containers
  readonly images: Images
  readonly networks: Networking
  readonly volumes: Volumes
  readonly builder: Builder
  /** The hosts that share networks with this one; undefined: it is alone. */
  readonly cluster: Cluster | undefined
  /** Tells everyone who listens, and keeps it for `since`. */
  publish(type: EngineEvent['Type'], action: string, id: string, attributes: Readonly<Record<string, string>>): void
  /** Past events from `sinceMs`, then new ones, until `untilMs` or the signal. Times in milliseconds since 1970. */
  events(
    range: { readonly sinceMs?: number; readonly untilMs?: number },
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>
  /** All numbers of the engine for Prometheus. @param more  meters of whoever serves them */
  metrics(more: readonly Meter[]): Promise<MetricsText>
  facts(): Promise<SystemFacts>
  /** What may be otherwise the next time. */
  hostState(): HostState
  /** What the kernel and the host can do for containers, and what would disturb them. */
  examineHost(): readonly DoctorCheck[]
}
