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
  /** It is being removed, and its anonymous volumes with it. */
  readonly removesVolumes?: boolean
  /** It is paused for a moment only, for a commit: an engine that finds it so lets it go on. */
  readonly pausedForCommit?: boolean
}

/** Something that is mounted into a container, settled when it was created. */
export interface ContainerMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image'
  /** Of the volume, or of the image as the user wrote it; `""` for everything else. */
  readonly name: string
  /** Of the volume; `""` for everything else. */
  readonly driver: string
  /** Path on the host; `""` for memory. */
  readonly source: string
  readonly target: string
  /** What stood after the second colon of `-v`: `"ro,z"`. */
  readonly mode: string
  readonly readOnly: boolean
  /** Of a bind: `"rprivate"`. */
  readonly propagation: string
  /** Make the host's directory when there is none: `-v` does, `--mount` does not. */
  readonly createsSource: boolean
  /** Fill the volume with what the image has there, if it is empty. */
  readonly copiesUp: boolean
  /** The engine chose the volume's name: it may go with the container. */
  readonly anonymous: boolean
  /** Of an image, which may get other names. */
  readonly imageId?: string
  /** Below the root of the volume or the image; `""` for all of it. */
  readonly subpath: string
  /** With what is mounted below the source. */
  readonly recursive: boolean
  /** Whether read-only counts for what is mounted below, too. */
  readonly readOnlyBelow: 'if-possible' | 'never' | 'always'
  /** Of memory, as mount(8) takes them. */
  readonly options: readonly string[]
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
  /** All but `HostConfig.Tmpfs`; missing in records of engines that had no volumes. Read it by `recordedMounts`. */
  readonly mounts?: readonly ContainerMount[]
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
