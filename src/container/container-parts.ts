import type { Background } from '../base/background.ts'
import type { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import type { Networking } from '../network/networking.ts'
import type { OpenVolumes } from '../volume/volumes.ts'
import type { DeferredSession } from './attach/deferred-session.ts'
import type { ContainerTable } from './container-table.ts'
import type { LogSettings } from './create/new-container.ts'
import type { FileThreads } from './files/file-threads.ts'
import type { HealthMonitors } from './health/health-monitors.ts'
import type { ContainerMeters } from './meters.ts'
import type { ContainerPaths, ContainerRecord } from './model.ts'
import type { ExitBoard } from './process/exit-board.ts'
import type { Supervisor } from './process/supervisor.ts'
import type { StatsSampler } from './stats/sampler.ts'

/** What the container's life is made of; built once, in `open-containers.ts`. */
export interface ContainerParts {
  readonly table: ContainerTable
  readonly images: Images
  readonly networking: Networking
  readonly volumes: OpenVolumes
  readonly supervisor: Supervisor
  readonly exits: ExitBoard
  readonly health: HealthMonitors
  readonly sampler: StatsSampler
  readonly meters: ContainerMeters
  /** Threads that work on containers' files. */
  readonly files: FileThreads
  /** Sessions of clients that attached before the start, by container id. */
  readonly waitingSessions: Map<string, DeferredSession[]>
  /** Keys: `container <id>`. */
  readonly locks: KeyedLock
  readonly background: Background
  readonly log: Log
  /** The cgroup namespace of containers that name none: `private` on unified hosts, `host` elsewhere, as Docker. */
  readonly cgroupns: 'private' | 'host'
  /** Of containers that name none. */
  readonly logConfig: LogSettings
  pathsOf(id: string): ContainerPaths
  /** Tells the world what happened to a container. */
  publish(action: string, record: ContainerRecord, attributes?: Readonly<Record<string, string>>): void
  /** A container of `--rm` has ended. */
  onAutoRemove(id: string): void
}
