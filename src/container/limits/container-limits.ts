import { EngineError } from '../../base/errors.ts'
import type { CgroupAbilities } from '../../kernel/cgroups/cgroup-abilities.ts'
import { cgroupDirs } from '../../kernel/cgroups/cgroups.ts'
import type { CgroupLimits, LimitFile } from '../../kernel/cgroups/limits.ts'
import type { NetClasses } from '../../kernel/cgroups/net-classes.ts'
import { changedFiles, planLimitFiles } from '../../kernel/cgroups/plan-limits.ts'
import { writeCgroupLimits } from '../../kernel/cgroups/write-limits.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { Limits } from '../../protocol/limits.ts'
import { findBlockDevices } from '../bundle/host-devices.ts'
import { limitedDevices, planLimits } from '../bundle/resources.ts'
import { parseSecurityOptions } from '../bundle/security-options.ts'
import type { ContainerRecord } from '../model.ts'

/** How long processes that have been killed may take to leave a group: tries, and milliseconds between them. */
const patience = { tries: 100, ms: 20 }

/** What the limits of containers are written with. */
export interface ContainerLimitsInit {
  readonly abilities: CgroupAbilities
  readonly netClasses: NetClasses
  /** The control group of a container, from the root of the hierarchies. */
  cgroupOf(id: string): string
}

/** Keeps the limits of containers in their control groups: what the runtime does not know, and what changes later. */
export class ContainerLimits {
  readonly #init: ContainerLimitsInit

  constructor(init: ContainerLimitsInit) {
    this.#init = init
  }

  get abilities(): CgroupAbilities {
    return this.#init.abilities
  }

  /** Whether packets of a container can have a class. */
  get hasNetClasses(): boolean {
    return this.#init.netClasses.supported
  }

  /** @throws {EngineError} `invalid-argument` when a device that it names is not there */
  plan(host: Limits): CgroupLimits {
    return planLimits(host, {
      abilities: this.#init.abilities,
      blockDevices: findBlockDevices(limitedDevices(host)),
    })
  }

  /** Adds what runtimes do not do: weights of block I/O, the class of packets. The container's process waits to be started. */
  complete({ id, hostConfig }: ContainerRecord, pid: number): void {
    const { cgroupOf, netClasses } = this.#init
    const { weight, weightDevice } = this.plan(hostConfig).blockIO ?? {}
    const blockIO = { ...(weight === undefined ? {} : { weight }), ...(weightDevice ? { weightDevice } : {}) }
    if (Object.keys(blockIO).length > 0) writeCgroupLimits(cgroupOf(id), this.#files({ blockIO }))
    const { netClass } = parseSecurityOptions(hostConfig.SecurityOpt ?? [])
    if (netClass !== undefined) netClasses.ensure(cgroupOf(id), netClass, pid)
  }

  /**
   * Gives a running container other limits: all or none.
   *
   * @throws {EngineError} `internal` with the kernel's reason; then it has the ones that it had
   */
  change({ id, hostConfig }: ContainerRecord, next: HostConfig): void {
    const files = changedFiles(this.#files(this.plan(hostConfig)), this.#files(this.plan(next)))
    if (files.length > 0) writeCgroupLimits(this.#init.cgroupOf(id), files)
  }

  /** Writes all limits of a running container again: the last engine may have been killed in the middle of a change. */
  ensure({ id, hostConfig }: ContainerRecord): void {
    const path = this.#init.cgroupOf(id)
    const files = this.#files(this.plan(hostConfig))
    if (files.length > 0 && cgroupDirs(path).length > 0) writeCgroupLimits(path, files)
  }

  /** Runs `start`, which is synchronous: what it starts has the class of that container's packets. */
  within<Result>(id: string, start: () => Result): Result {
    using _ = this.#init.netClasses.enter(this.#init.cgroupOf(id))
    return start()
  }

  /**
   * Forgets a container whose processes have been killed. Absent is success.
   *
   * @throws {EngineError} `internal` when some of them do not go
   */
  async remove(id: string): Promise<void> {
    for (let tries = patience.tries; tries > 0; tries--) {
      if (this.#init.netClasses.remove(this.#init.cgroupOf(id))) return
      await new Promise((resolve) => setTimeout(resolve, patience.ms))
    }
    throw new EngineError('internal', `Cannot remove the net_cls group of container ${id}: it has processes`)
  }

  #files(limits: CgroupLimits): readonly LimitFile[] {
    return planLimitFiles(limits, this.#init.abilities)
  }
}
