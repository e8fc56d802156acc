import { join } from 'node:path'
import { Background } from '../base/background.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import { readCgroupAbilities } from '../kernel/cgroups/cgroup-abilities.ts'
import type { CgroupMode } from '../kernel/cgroups/cgroups.ts'
import { NetClasses } from '../kernel/cgroups/net-classes.ts'
import type { Poller } from '../kernel/poller.ts'
import type { Networking } from '../network/networking.ts'
import type { Store } from '../store/store.ts'
import type { OpenVolumes } from '../volume/volumes.ts'
import type { ContainerParts } from './container-parts.ts'
import { ContainerTable } from './container-table.ts'
import { Execs } from './exec/execs.ts'
import { FileThreads } from './files/file-threads.ts'
import { HealthMonitors } from './health/health-monitors.ts'
import { Lifecycle } from './life/lifecycle.ts'
import { removeContainer } from './life/remove-container.ts'
import { ContainerLimits } from './limits/container-limits.ts'
import { createContainerMeters } from './meters.ts'
import type { ContainerPaths, ContainerRecord } from './model.ts'
import { ExitBoard } from './process/exit-board.ts'
import { Supervisor } from './process/supervisor.ts'
import { ContainerMeter } from './stats/container-meter.ts'
import { StatsSampler } from './stats/sampler.ts'

/** What `openContainers` builds on. */
export interface ContainersInit {
  readonly store: Store
  readonly images: Images
  readonly networking: Networking
  readonly volumes: OpenVolumes
  readonly poller: Poller
  readonly cgroupMode: CgroupMode
  /** Control group below which every container has its own. */
  readonly cgroupParent: string
  /** Name or path of the OCI runtime. */
  readonly runtime: string
  readonly dataRoot: string
  readonly execRoot: string
  /** Log driver of containers that name none, and its options. */
  readonly logDriver: string
  readonly logOptions: Readonly<Record<string, string>>
  readonly log: Log
  publish(action: string, record: ContainerRecord, attributes?: Readonly<Record<string, string>>): void
}

/** The parts, and the two that need all of them. */
export interface BuiltContainers {
  readonly parts: ContainerParts
  readonly lifecycle: Lifecycle
  readonly execs: Execs
}

/** Builds what the rooms of the containers share, each thing once. */
export function buildParts(init: ContainersInit): BuiltContainers {
  const { images, networking, volumes, dataRoot, execRoot, log, publish } = init
  const pathsOf = (id: string) => planPaths(dataRoot, execRoot, id)
  const table = new ContainerTable(init.store.collection<ContainerRecord>('container'))
  const cgroupOf = (id: string) => join('/', table.get(id)?.hostConfig.CgroupParent || init.cgroupParent, id)
  const limits = new ContainerLimits({
    abilities: readCgroupAbilities(init.cgroupMode, init.cgroupParent),
    netClasses: new NetClasses(join(execRoot, 'net_cls')),
    cgroupOf,
  })
  const background = new Background((what, error) => log.error('background work fails', { what, error }))
  const base = {
    table,
    images,
    networking,
    volumes,
    supervisor: new Supervisor({ ...init, limits, cgroupOf, runtimeRoot: join(execRoot, 'runtime'), pathsOf }),
    meters: createContainerMeters(),
    log,
    pathsOf,
    publish,
  }
  const execs = new Execs(base)
  const parts: ContainerParts = {
    ...base,
    health: new HealthMonitors(base, execs),
    exits: new ExitBoard(),
    sampler: new StatsSampler({
      log,
      recordOf: (id) => parts.table.get(id),
      openMeter: (id) => new ContainerMeter(parts.supervisor.cgroupOf(id), networking.trafficOf(id)),
      removalOf: (id, signal) => parts.exits.next('removal', id, signal),
    }),
    files: new FileThreads(),
    waitingSessions: new Map(),
    locks: new KeyedLock(),
    background,
    logConfig: { Type: init.logDriver, Config: init.logOptions },
    cgroupns: init.cgroupMode === 'unified' ? 'private' : 'host',
    onAutoRemove: (id) =>
      background.run(`remove container ${id}`, () =>
        removeContainer(parts, lifecycle, id, { force: true, volumes: true }).catch(unlessGone),
      ),
  }
  const lifecycle = new Lifecycle(parts)
  return { parts, lifecycle, execs }
}

function planPaths(dataRoot: string, execRoot: string, id: string): ContainerPaths {
  const dir = join(dataRoot, 'containers', id)
  return { dir, runDir: join(execRoot, 'containers', id), rootfs: join(dir, 'rootfs'), log: join(dir, 'container.log') }
}

/** Somebody else was faster. */
function unlessGone(error: unknown): void {
  if (!(error instanceof EngineError && error.kind === 'not-found')) throw error
}
