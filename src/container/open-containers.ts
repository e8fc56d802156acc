import { join } from 'node:path'
import { Background } from '../base/background.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import { readCgroupAbilities } from '../kernel/cgroups/cgroup-abilities.ts'
import type { CgroupMode } from '../kernel/cgroups/cgroups.ts'
import { NetClasses } from '../kernel/cgroups/net-classes.ts'
import { treeBytes } from '../kernel/files/tree-bytes.ts'
import type { Poller } from '../kernel/poller.ts'
import type { Networking } from '../network/networking.ts'
import type { Store } from '../store/store.ts'
import type { OpenVolumes } from '../volume/volumes.ts'
import { attachContainer } from './attach/attach-container.ts'
import { connectNetwork, disconnectNetwork } from './container-networks.ts'
import type { ContainerParts } from './container-parts.ts'
import { ContainerTable } from './container-table.ts'
import type { Containers } from './containers.ts'
import { createContainer } from './create/create-container.ts'
import { Execs } from './exec/execs.ts'
import { commitContainer } from './files/commit-container.ts'
import { listChanges } from './files/container-changes.ts'
import { packContainerPath, statContainerPath, unpackToContainer } from './files/copy-files.ts'
import { exportContainer } from './files/export-container.ts'
import { FileThreads } from './files/file-threads.ts'
import { HealthMonitors } from './health/health-monitors.ts'
import { Lifecycle } from './life/lifecycle.ts'
import { pauseContainer, unpauseContainer } from './life/pause-container.ts'
import { recoverContainers, resumeContainers } from './life/recover-containers.ts'
import { removeContainer } from './life/remove-container.ts'
import { renameContainer } from './life/rename-container.ts'
import { waitForContainer } from './life/wait-container.ts'
import { ContainerLimits } from './limits/container-limits.ts'
import { updateContainer } from './limits/update-container.ts'
import { createContainerMeters, metersOf } from './meters.ts'
import type { ContainerPaths, ContainerRecord } from './model.ts'
import { usersOfVolume } from './mounts/recorded-mounts.ts'
import { ExitBoard } from './process/exit-board.ts'
import { listContainerProcesses, readContainerLogs, resizeContainer } from './process/running-container.ts'
import { Supervisor } from './process/supervisor.ts'
import { publishPorts, unpublishPorts } from './publish-ports.ts'
import { ContainerMeter } from './stats/container-meter.ts'
import { measureAll, readStats } from './stats/container-stats.ts'
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

/** The containers, with what only the engine that opens them may do. */
export interface OpenContainers extends Containers {
  /** Undoes what the last engine left half-done; answers the ids of containers that own a network. */
  recover(): Promise<ReadonlySet<string>>
  /** Watches what runs, and starts what restart policies want; call it when network and images stand. */
  resume(): Promise<void>
  /** Lets go of the containers: they run on, watched by nobody until an engine recovers them. */
  close(): Promise<void>
}

/** Opens the containers of a store. Nothing is touched until `recover`. */
export function openContainers(init: ContainersInit): OpenContainers {
  const { parts, lifecycle, execs } = createParts(init)
  const { table } = parts
  const { actions } = parts.meters
  return {
    create: (request) => actions.time(['create'], () => createContainer(parts, request)),
    find: (ref) => table.find(ref),
    list: () => table.list(),
    pathsOf: (id) => parts.pathsOf(id),
    writableBytes: (id) => treeBytes(join(parts.pathsOf(id).dir, 'upper')),
    usersOfVolume: (name) => usersOfVolume(table.list(), name),
    start: (ref) => actions.time(['start'], () => lifecycle.start(ref)),
    stop: (ref, options) => lifecycle.stop(ref, options),
    stopAll: () => lifecycle.stopAll(),
    restart: (ref, options) => lifecycle.restart(ref, options),
    kill: (ref, signal) => lifecycle.kill(ref, signal),
    pause: (ref) => pauseContainer(parts, ref),
    unpause: (ref) => unpauseContainer(parts, ref),
    rename: (ref, name) => renameContainer(parts, ref, name),
    update: (ref, update) => updateContainer(parts, ref, update),
    remove: (ref, options) => actions.time(['delete'], () => removeContainer(parts, lifecycle, ref, options)),
    wait: (ref, condition, signal) => waitForContainer(parts, ref, condition, signal),
    logs: (ref, options, signal) => readContainerLogs(parts, ref, options, signal),
    attach: (ref, streams) => attachContainer(parts, ref, streams),
    resize: (ref, size) => resizeContainer(parts, ref, size),
    top: (ref, psArguments) => listContainerProcesses(parts, ref, psArguments),
    measure: () => measureAll(parts),
    meters: metersOf(parts.meters),
    stats: (ref, manner, signal) => readStats(parts, ref, manner, signal),
    connectNetwork: (ref, network, settings) => connectNetwork(parts, ref, network, settings),
    disconnectNetwork: (ref, network, force) => disconnectNetwork(parts, ref, network, force),
    publishPorts: (ref, bindings) => publishPorts(parts, ref, bindings),
    unpublishPorts: (ref, ports) => unpublishPorts(parts, ref, ports),
    statPath: (ref, path) => statContainerPath(parts, ref, path),
    packPath: (ref, path) => packContainerPath(parts, ref, path),
    unpackTo: (...request) => unpackToContainer(parts, ...request),
    changes: (ref) => actions.time(['changes'], () => listChanges(parts, ref)),
    export: (ref) => exportContainer(parts, ref),
    commit: (...request) => actions.time(['commit'], () => commitContainer(parts, ...request)),
    execCreate: (ref, request) => execs.create(ref, request),
    execStart: (id, size) => execs.start(id, size),
    execInspect: (id) => execs.inspect(id),
    execsOf: (id) => execs.of(id),
    execResize: (id, size) => execs.resize(id, size),
    recover: () => recoverContainers(parts, lifecycle),
    resume: () => resumeContainers(parts, lifecycle),
    async close() {
      lifecycle.close()
      await parts.health.close()
      await parts.background.settle()
      await parts.files[Symbol.asyncDispose]()
    },
  }
}

function createParts(init: ContainersInit): { parts: ContainerParts; lifecycle: Lifecycle; execs: Execs } {
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
