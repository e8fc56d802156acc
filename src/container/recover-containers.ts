import { ensureNamedNamespace } from '../kernel/named-namespace.ts'
import type { ContainerParts } from './container-parts.ts'
import { isLive, type Lifecycle } from './lifecycle.ts'
import type { ContainerRecord } from './model.ts'
import { joinedContainer } from './network-wish.ts'
import { removeContainer } from './remove-container.ts'
import { shouldStartWithEngine } from './restart-policy.ts'
import { takeDown } from './take-down.ts'

/**
 * Takes up the containers of an engine that ended, however it ended.
 *
 * What runs is watched again; what was about to start is undone; what was being removed is removed; what its
 * restart policy wants is started.
 *
 * @returns the containers that ran when the last engine ended, and so own their networks
 */
export async function recoverContainers(parts: ContainerParts, lifecycle: Lifecycle): Promise<ReadonlySet<string>> {
  const { table, supervisor, log } = parts
  for (const record of table.list()) {
    const { status, conmonPid } = record.state
    if (status === 'removing') await removeContainer(parts, lifecycle, record.id, { force: true })
    else if (!isLive(record) && conmonPid !== 0) await undoHalfStart(parts, record)
  }
  const live = table.list().filter(isLive)
  await supervisor.removeForgotten(new Set(live.map(({ id }) => id)))
  for (const record of live) {
    ensureNetworkPath(parts, record)
    lifecycle.adopt(record)
  }
  log.info('took up containers', { running: live.length, all: table.list().length })
  return new Set(live.map(({ id }) => id))
}

/** Starts what the restart policies want, once everything else stands. */
export async function startWanted(
  parts: ContainerParts,
  lifecycle: Lifecycle,
  ran: ReadonlySet<string>,
): Promise<void> {
  for (const { id, name, hostConfig, state } of parts.table.list()) {
    const wanted = shouldStartWithEngine({
      policy: hostConfig.RestartPolicy ?? {},
      ...state,
      wasRunning: state.status === 'restarting',
    })
    if (!wanted || ran.has(id) || state.status === 'created') continue
    await lifecycle.start(id).catch((error: unknown) => {
      parts.log.error('cannot start container by its restart policy', { container: name, error })
    })
  }
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

/** The last engine was killed between making the process and starting it. */
async function undoHalfStart(parts: ContainerParts, record: ContainerRecord): Promise<void> {
  await takeDown(parts, record)
  parts.table.patchState(record.id, { pid: 0, conmonPid: 0 })
}
