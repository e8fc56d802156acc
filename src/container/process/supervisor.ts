import { existsSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type CgroupMode, cgroupProcesses, removeCgroup } from '../../kernel/cgroups/cgroups.ts'
import { memoryEventsFile } from '../../kernel/cgroups/memory-events.ts'
import type { Poller } from '../../kernel/poller.ts'
import { identify, ProcessHandle } from '../../kernel/processes/processes.ts'
import { openAttachSession } from '../attach/attach.ts'
import type { Session, SessionStreams, TerminalSize } from '../attach/session.ts'
import { reopenLog, resizeTerminal } from '../attach/tell-conmon.ts'
import { type MachineFacts, readDefaultSeccomp, readMachineFacts } from '../bundle/machine-facts.ts'
import type { BundlePlan } from '../bundle/plan-bundle.ts'
import type { SeccompProfile } from '../bundle/seccomp.ts'
import type { UserMounts } from '../bundle/user-mounts.ts'
import { writeBundle } from '../bundle/write-bundle.ts'
import { joinedContainer } from '../create/network-wish.ts'
import { logSettingsOf } from '../create/new-container.ts'
import type { ContainerLimits } from '../limits/container-limits.ts'
import { MemoryWatch } from '../limits/memory-watch.ts'
import { isRotated, LogRotation } from '../logging/log-rotation.ts'
import { planLogging } from '../logging/plan-logging.ts'
import type { ContainerPaths, ContainerRecord } from '../model.ts'
import { SeccompFilters } from '../seccomp-filters.ts'
import { conmonFiles, conmonsOf, runConmon } from './conmon.ts'
import { type Exit, readExit, unseenExit } from './exit-status.ts'
import type { JoinedNamespaces } from './joined-namespaces.ts'
import { OciRuntime, requireProgram } from './oci-runtime.ts'
import { type RunProcesses, readProcessFile, writeProcessFile } from './process-file.ts'
import { parseSignal } from './signals.ts'

const allStreams: SessionStreams = { stdin: true, stdout: true, stderr: true }

/** What a supervisor works with. */
export interface SupervisorInit {
  readonly poller: Poller
  readonly log: Log
  /** Name or path of the OCI runtime. */
  readonly runtime: string
  /** Directory of the runtime's records; under the exec root. */
  readonly runtimeRoot: string
  readonly limits: ContainerLimits
  /** The control group of a container, from the root of the hierarchies: `"/wharf/0123…"`. */
  cgroupOf(id: string): string
  readonly cgroupMode: CgroupMode
  pathsOf(id: string): ContainerPaths
}

/**
 * Runs container processes through conmon and an OCI runtime, and sees them end.
 *
 * It keeps nothing in memory that a later engine would need: who runs is in each container's run directory.
 */
export class Supervisor {
  readonly runtime: OciRuntime
  readonly poller: Poller
  readonly limits: ContainerLimits
  readonly #conmon: string
  readonly #init: SupervisorInit
  readonly #machine: MachineFacts
  readonly #filters: SeccompFilters
  #seccomp: SeccompProfile | undefined

  /** @throws {EngineError} `unavailable` when the runtime or conmon is missing */
  constructor(init: SupervisorInit) {
    this.#init = init
    this.poller = init.poller
    this.limits = init.limits
    this.runtime = new OciRuntime({ program: init.runtime, root: init.runtimeRoot, poller: init.poller })
    this.#conmon = requireProgram('conmon')
    this.#filters = new SeccompFilters(init.runtimeRoot)
    this.#machine = readMachineFacts()
  }

  /**
   * Makes a container's first process, which waits to be started; clients may attach from now on.
   *
   * @param networkNamespace  path of the namespace to join; not looked at in `host` mode
   * @throws {EngineError} in Docker's words: nothing to run, no such user, a device or a mount that is missing
   */
  async create(wish: {
    readonly record: ContainerRecord
    readonly paths: ContainerPaths
    readonly networkNamespace: string
    readonly mounts: UserMounts
    readonly joined?: JoinedNamespaces
  }): Promise<{ readonly pid: number; readonly conmonPid: number }> {
    const { record, paths } = wish
    await rm(paths.runDir, { recursive: true, force: true })
    mkdirSync(join(paths.runDir, conmonFiles.exitDir), { recursive: true, mode: 0o700 })
    const { seccomp } = this.#writeBundle(wish).spec.linux
    const pids = await runConmon({ program: this.#conmon, runtime: this.runtime, record, paths, poller: this.poller })
    writeProcessFile(paths, pids)
    this.limits.complete(record, pids.pid)
    this.#filters.remember(record.id, seccomp)
    return pids
  }

  /** Lets the first process go. */
  async start({ id }: ContainerRecord): Promise<void> {
    await this.runtime.run('start', id)
  }

  /** Sends a signal to the first process; one that has ended already is no failure. @throws {EngineError} `invalid signal: x` */
  async kill(record: ContainerRecord, signal: string): Promise<void> {
    const number = parseSignal(signal)
    using init = this.#open(record, 'init')
    init?.signal(number)
  }

  /** The number of a signal as clients write it. @throws {EngineError} `invalid signal: x` */
  signalNumber(signal: string): number {
    return parseSignal(signal)
  }

  /** Freezes all processes. */
  async pause({ id }: ContainerRecord): Promise<void> {
    await this.runtime.run('pause', id)
  }

  /** Lets frozen processes go on. */
  async resume({ id }: ContainerRecord): Promise<void> {
    await this.runtime.run('resume', id)
  }

  /** Ends whatever is left of a run, and removes its control groups and the runtime's record. Absent is success. */
  async delete(record: Pick<ContainerRecord, 'id'>): Promise<void> {
    await this.#deleteRun(record.id)
    using conmon = this.#open(record, 'conmon')
    await conmon?.ended(this.poller) // it still writes into the run directory
    await this.limits.remove(record.id)
  }

  /**
   * Waits for the end of a run, also of one that an earlier engine started, or that ended while none was there.
   *
   * Without conmon nobody would see the end: its container is killed, and counts as killed.
   *
   * @throws the signal's reason when that aborts first
   */
  async watchExit(record: ContainerRecord, signal?: AbortSignal): Promise<Exit> {
    const paths = this.#init.pathsOf(record.id)
    {
      using conmon = this.#open(record, 'conmon')
      await conmon?.ended(this.poller, signal)
    }
    const seen = readExit(record, paths)
    if (seen !== undefined) return seen
    using init = this.#open(record, 'init')
    if (init?.signal(parseSignal('KILL'))) await init.ended(this.poller, signal)
    return unseenExit(paths)
  }

  /** Keeps the log of a run as short as its settings say, until that is disposed of. */
  rotateLog({ id, hostConfig }: ContainerRecord): Disposable | undefined {
    const logging = planLogging(logSettingsOf(hostConfig))
    if (!isRotated(logging)) return undefined
    const paths = this.#init.pathsOf(id)
    return new LogRotation({ path: paths.log, logging, log: this.#init.log, reopen: () => reopenLog(paths) })
  }

  /** Calls `tell` each time that the kernel kills a process of a run for its memory, until that is disposed of. */
  watchMemory({ id, state }: ContainerRecord, tell: () => void): MemoryWatch {
    const { runDir } = this.#init.pathsOf(id)
    const place = { runDir, eventsFile: memoryEventsFile(this.cgroupOf(id)), told: state.oomKilled }
    return new MemoryWatch(place, this.#init.log, tell)
  }

  /**
   * Removes what there is of runs that are not in `live`: an engine was killed while it made them.
   *
   * @param idle  all containers of the engine that do not run
   */
  async removeForgotten(live: ReadonlySet<string>, idle: readonly string[] = []): Promise<void> {
    await this.#endUnknown(idle)
    const forgotten = this.runtime.list().filter((id) => !live.has(id))
    await Promise.all(forgotten.map((id) => this.delete({ id })))
  }

  /**
   * Ends supervisors that an engine was killed too early to write down. They would go on to make their container, beside
   * or in the middle of its next run, and take the control group from that.
   */
  async #endUnknown(idle: readonly string[]): Promise<void> {
    const isUnknown = (id: string) => {
      const paths = this.#init.pathsOf(id)
      return existsSync(paths.runDir) && readProcessFile(paths) === undefined
    }
    const found = conmonsOf(new Set(idle.filter(isUnknown)))
    const ends = found.map(async ({ id, pid }) => {
      const identity = identify(pid)
      using conmon = identity && ProcessHandle.open(identity)
      // The runtime has asked the kernel to die with it.
      if (conmon?.signal(parseSignal('KILL'))) await conmon.ended(this.poller)
      await this.#deleteRun(id)
    })
    await Promise.all(ends)
  }

  /** Connects to the streams of a run; output from before is only in the log. */
  attach(record: ContainerRecord, streams: SessionStreams = allStreams): Session {
    return openAttachSession({ record, paths: this.#init.pathsOf(record.id), streams, poller: this.poller })
  }

  /** Sets the size that programs on the container's terminal see. */
  resize({ id }: ContainerRecord, size: TerminalSize): void {
    resizeTerminal(this.#init.pathsOf(id), size)
  }

  /** All capabilities that the engine can give away. */
  get capabilities(): readonly string[] {
    return this.#machine.capabilities
  }

  /** A path to a running container's file system, with all its mounts, as its processes see it. @throws {EngineError} `conflict` when it does not run */
  rootOf({ id }: Pick<ContainerRecord, 'id'>): string {
    const init = readProcessFile(this.#init.pathsOf(id))?.init
    if (init === undefined || identify(init.pid)?.startTime !== init.startTime) {
      throw new EngineError('conflict', `container ${id} is not running`)
    }
    return `/proc/${init.pid}/root`
  }

  /** The path of a running container's namespace. @throws {EngineError} `conflict` when it does not run */
  namespaceOf(record: Pick<ContainerRecord, 'id'>, type: 'pid' | 'ipc'): string {
    return this.rootOf(record).replace(/root$/, `ns/${type}`)
  }

  /** All processes of a container, by their numbers on the host. */
  processes({ id }: Pick<ContainerRecord, 'id'>): readonly number[] {
    return cgroupProcesses(this.cgroupOf(id))
  }

  /** The control group of a container's runs, from the root of the hierarchies. */
  cgroupOf(id: string): string {
    return this.#init.cgroupOf(id)
  }

  #writeBundle({ record, paths, networkNamespace, mounts, joined }: Parameters<Supervisor['create']>[0]): BundlePlan {
    const { id, hostConfig } = record
    const { sharedMemory, ...namespaces } = joined ?? {}
    const donor = joinedContainer(hostConfig.NetworkMode)
    const plan = writeBundle({
      record,
      paths,
      mounts,
      sharedMemory,
      filesDir: donor === undefined ? paths.dir : this.#init.pathsOf(donor).dir,
      cgroupsPath: this.cgroupOf(id),
      limits: this.limits.plan(hostConfig),
      namespaces: {
        network: hostConfig.NetworkMode === 'host' ? undefined : networkNamespace,
        ...namespaces,
        cgroupVersion: this.#init.cgroupMode === 'unified' ? 2 : 1,
      },
      machine: this.#machine,
      annotationsFor: (seccomp) => this.#filters.annotationsFor(seccomp),
      defaultSeccomp: () => (this.#seccomp ??= readDefaultSeccomp()),
    })
    if (plan.compromises.length > 0) {
      this.#init.log.warn('gives a container lower limits than asked: the engine or the kernel cannot do more', {
        container: id,
        limits: plan.compromises,
      })
    }
    return plan
  }

  async #deleteRun(id: string): Promise<void> {
    if (this.runtime.knows(id)) {
      await this.runtime.run('delete', '--force', id)
      return
    }
    // The runtime's records do not survive a reboot, or an administrator: then the groups are ours to remove.
    for (const pid of this.processes({ id })) process.kill(pid, 'SIGKILL')
    removeCgroup(this.cgroupOf(id))
  }

  #open({ id }: Pick<ContainerRecord, 'id'>, which: keyof RunProcesses): ProcessHandle | undefined {
    const identity = readProcessFile(this.#init.pathsOf(id))?.[which]
    return identity === undefined ? undefined : ProcessHandle.open(identity)
  }
}
