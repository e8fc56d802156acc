import { rm } from 'node:fs/promises'
import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { recordedMounts } from '../mounts/recorded-mounts.ts'
import { isLive } from './is-live.ts'
import type { Lifecycle } from './lifecycle.ts'
import { takeDown } from './take-down.ts'

/**
 * Removes a container with its files; with `force`, one that runs; with `volumes`, its anonymous volumes too.
 *
 * @throws {EngineError} `conflict` when it runs and `force` was not given; `not-found`, also when somebody else was faster
 */
export async function removeContainer(
  parts: ContainerParts,
  lifecycle: Lifecycle,
  ref: string,
  { force, volumes = false }: { readonly force: boolean; readonly volumes?: boolean },
): Promise<void> {
  const { table, locks } = parts
  const { id } = table.find(ref)
  for (;;) {
    await endRun(lifecycle, table.findAgain(id, ref), force)
    using _ = await locks.acquire(`container ${id}`)
    const ended = table.findAgain(id, ref) // --rm, or another client, may have removed it meanwhile
    // Somebody may have started it while we waited for the lock.
    if (!hasRun(ended)) return await takeAway(parts, ended, volumes)
  }
}

async function endRun(lifecycle: Lifecycle, record: ContainerRecord, force: boolean): Promise<void> {
  if (!hasRun(record)) return
  if (!force) throw new EngineError('conflict', refusal(record.name, record.state.status))
  if (isLive(record)) await lifecycle.kill(record.id, 'SIGKILL')
  else await lifecycle.stop(record.id, {})
}

/** Whether it has processes, or is about to. */
function hasRun(record: ContainerRecord): boolean {
  return isLive(record) || record.state.status === 'restarting'
}

/** The caller holds the container's lock. */
async function takeAway(parts: ContainerParts, record: ContainerRecord, withVolumes: boolean): Promise<void> {
  const { table, networking, exits, publish, pathsOf } = parts
  const { id } = record
  const removesVolumes = withVolumes || (record.state.removesVolumes ?? false)
  table.patchState(id, { status: 'removing', removesVolumes })
  try {
    await takeDown(parts, record)
    await networking.forget(id)
    const { dir, runDir } = pathsOf(id)
    await Promise.all([rm(dir, { recursive: true, force: true }), rm(runDir, { recursive: true, force: true })])
    if (removesVolumes) await removeAnonymousVolumes(parts, record)
  } catch (error) {
    table.patchState(id, { status: 'dead' }) // nothing to run any more, and to be removed again
    throw error
  }
  table.delete(id)
  publish('destroy', record)
  const { exitCode } = record.state
  exits.announce('exit', id, { exitCode }) // who waits for the next end of one that never runs again
  exits.announce('removal', id, { exitCode })
}

/** Those that another container has by `--volumes-from` stay. */
async function removeAnonymousVolumes({ volumes }: ContainerParts, record: ContainerRecord): Promise<void> {
  const names = recordedMounts(record).flatMap(({ anonymous, name }) => (anonymous ? [name] : []))
  for (const name of new Set(names)) {
    try {
      await volumes.remove(name, { force: true, lastUser: record.id })
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === 'conflict')) throw error
    }
  }
}

function refusal(name: string, status: string): string {
  const advice = status === 'paused' ? 'unpause and then stop' : 'stop'
  return `cannot remove container "${name}": container is ${status}: ${advice} the container before removing or force remove`
}
