import type { ContainerConfig, ContainerStatus, EndpointSettings, HostConfig } from '../protocol/container.ts'
import type { StoredRecord } from '../store/store.ts'
import type { HealthState } from './health/next-health.ts'

/** What became of a container. */
export interface ContainerState {
  readonly status: ContainerStatus
  /** Of the container's first process; 0 when it does not run. */
  readonly pid: number
  readonly conmonPid: number
  readonly exitCode: number
  readonly error: string
  readonly oomKilled: boolean
  /** RFC 3339; `0001-01-01T00:00:00Z` for never, as Docker has it. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly restartCount: number
  /** How long its restart policy let it wait the last time; 0 or missing: it did not. */
  readonly restartDelayMs?: number
  /** What its health checks say; missing: it has never run with one. */
  readonly health?: HealthState
  /** The user stopped it: `unless-stopped` and `always` wait until it is started again. */
  readonly stoppedByUser: boolean
}

/** One container: what was asked, with the image's defaults merged in, and what became of it. */
export interface ContainerRecord extends StoredRecord {
  readonly version: 1
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  readonly created: string
  /** As the user wrote it. */
  readonly imageReference: string
  readonly imageId: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  /** Networks it is to be on, by network name, as asked (no addresses that were only allotted). */
  readonly networks: Readonly<Record<string, EndpointSettings>>
  readonly state: ContainerState
}

/** The directories of one container. */
export interface ContainerPaths {
  /** Under the data root, kept: overlay upper and work, hosts, hostname, resolv.conf, log. */
  readonly dir: string
  /** Under the exec root, gone with a reboot: bundle, pid files, sockets. */
  readonly runDir: string
  /** Where the root file system is mounted. */
  readonly rootfs: string
  /** conmon's log, in its k8s-file format. */
  readonly log: string
}
