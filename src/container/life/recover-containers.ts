import { never } from '../../base/clock.ts'
import { ensureNamedNamespace } from '../../kernel/named-namespace.ts'
import type { VolumeUses } from '../../volume/volumes.ts'
import type { ContainerParts } from '../container-parts.ts'
import { joinedContainer, sandboxWish } from '../create/network-wish.ts'
import { removeForgottenExecs } from '../exec/exec-files.ts'
import { thaw } from '../files/commit-container.ts'
import type { ContainerRecord } from '../model.ts'
import { volumeNames } from '../mounts/recorded-mounts.ts'
import { finishChanges } from './finish-changes.ts'
import { removeForgottenFiles } from './forgotten-files.ts'
import { isLive } from './is-live.ts'
import type { Lifecycle } from './lifecycle.ts'
import { removeContainer } from './remove-container.ts'
import { shouldStartWithEngine } from './restart-policy.ts'
import { takeDown } from './take-down.ts'

/**
 * Brings the containers of an engine that ended, however it ended, into a state that the network can be built from.
 *
 * What was about to start is undone, what was being removed is removed.
 *
 * @returns the containers that ran when the last engine ended, and so own their networks
 */
export async function recoverContainers(parts: ContainerParts, lifecycle: Lifecycle): Promise<ReadonlySet<string>> {
  const { table, networking, supervisor, volumes, log, pathsOf } = parts
  for (const record of table.list()) {
    const { status, conmonPid } = record.state
    if (status === 'removing') await removeContainer(parts, lifecycle, record.id, { force: true })
    else if (!isLive(record) && conmonPid !== 0) await undoHalfStart(parts, record)
  }
  await removeForgottenFiles(parts)
  await volumes.recover({ isContainer: (id) => table.get(id) !== undefined, live: usesOf(table.list().filter(isLive)) })
  for (const record of table.list()) await networking.announce(sandboxWish(record, pathsOf(record.id).dir))
  const live = table.list().filter(isLive)
  const ids = new Set(live.map(({ id }) => id))
  const idle = table.list().filter((record) => !isLive(record))
  await supervisor.removeForgotten(
    ids,
    idle.map(({ id }) => id),
  )
  for (const record of live) {
    ensureNetworkPath(parts, record)
    removeForgottenExecs(pathsOf(record.id).runDir)
  }
  log.info('took up containers', { running: live.length, all: table.list().length })
  return ids
}

/**
 * Goes on where the last engine was, once the network stands: watches what runs, or notices its end, and starts what
 * the restart policies want.
 */
export async function resumeContainers(parts: ContainerParts, lifecycle: Lifecycle): Promise<void> {
  const { table, log } = parts
  for (const { id, name } of table.list()) {
    await finishChanges(parts, id).catch((error: unknown) => {
      log.error('cannot finish what the last engine was doing', { container: name, error })
    })
  }
  for (const { id, state } of table.list()) if (state.pausedForCommit) await thaw(parts, id)
  for (const record of table.list().filter(isLive)) {
    ensureLimits(parts, record)
    lifecycle.adopt(record)
  }
  for (const record of table.list().filter(waitsForRestart)) lifecycle.resumeRestart(record)
  const wanted = table.list().filter((record) => isWanted(record) && !waitsForRestart(record))
  // Whose network others are to have comes before them, whoever was created first.
  for (const { id, name } of wanted.toSorted((a, b) => Number(joins(a)) - Number(joins(b)))) {
    await lifecycle.start(id).catch((error: unknown) => {
      log.error('cannot start container by its restart policy', { container: name, error })
    })
  }
}

/** The last engine may have been killed between the kernel's limits and the record of them. */
function ensureLimits({ supervisor, log }: ContainerParts, record: ContainerRecord): void {
  try {
    supervisor.limits.ensure(record)
  } catch (error) {
    log.error('cannot limit a container as it is recorded', { container: record.name, error })
  }
}

function isWanted({ hostConfig, state }: ContainerRecord): boolean {
  const idle = state.status === 'exited' || state.status === 'restarting'
  const policy = hostConfig.RestartPolicy ?? {}
  return idle && shouldStartWithEngine({ policy, ...state, startedBefore: state.startedAt !== never })
}

function joins({ hostConfig }: ContainerRecord): boolean {
  return joinedContainer(hostConfig.NetworkMode) !== undefined
}

/** That it is started again is decided already, and when: a new engine does not make it try sooner. */
function waitsForRestart({ state }: ContainerRecord): boolean {
  return state.status === 'restarting' && (state.restartDelayMs ?? 0) > 0
}

/** A container that lives holds its network namespace: what is mounted on the path can be had again from it. */
function ensureNetworkPath({ networking, log }: ContainerParts, { id, hostConfig, state }: ContainerRecord): void {
  const path = networking.sandboxOf(id)?.sandbox.path
  if (path === undefined || hostConfig.NetworkMode === 'host' || joinedContainer(hostConfig.NetworkMode)) return
  try {
    if (ensureNamedNamespace(path, state.pid)) log.info('mounts a network namespace again', { container: id, path })
  } catch (error) {
    // It ended while no engine ran: its end is noticed in a moment.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function usesOf(live: readonly ContainerRecord[]): VolumeUses['live'] {
  return live.flatMap((record) => volumeNames(record).map((name) => ({ name, user: record.id })))
}

/** The last engine was killed between making the process and starting it. */
async function undoHalfStart(parts: ContainerParts, record: ContainerRecord): Promise<void> {
  await takeDown(parts, record)
  parts.table.patchState(record.id, { pid: 0, conmonPid: 0 })
}
