import { rm } from 'node:fs/promises'
import { EngineError } from '../base/errors.ts'
import type { ContainerParts } from './container-parts.ts'
import { isLive, type Lifecycle } from './lifecycle.ts'
import { takeDown } from './take-down.ts'

/**
 * Removes a container with its files; with `force`, one that runs.
 *
 * @throws {EngineError} `conflict` when it runs and `force` was not given
 */
export async function removeContainer(
  parts: ContainerParts,
  lifecycle: Lifecycle,
  ref: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { table, networking, locks, exits, publish, pathsOf } = parts
  const found = table.find(ref)
  const { id } = found
  if (isLive(found) || found.state.status === 'restarting') {
    if (!force) throw new EngineError('conflict', refusal(found.name, found.state.status))
    if (isLive(found)) await lifecycle.kill(id, 'SIGKILL')
    else await lifecycle.stop(id, {})
  }
  using _ = await locks.acquire(`container ${id}`)
  const record = table.get(id)
  if (record === undefined) return // removed by --rm, or by another client, meanwhile
  table.patchState(id, { status: 'removing' })
  try {
    await takeDown(parts, record)
    await networking.forget(id)
    const { dir, runDir } = pathsOf(id)
    await Promise.all([rm(dir, { recursive: true, force: true }), rm(runDir, { recursive: true, force: true })])
  } catch (error) {
    table.patchState(id, { status: 'dead' }) // nothing to run any more, and to be removed again
    throw error
  }
  table.delete(id)
  publish('destroy', record)
  exits.announce('removal', id, { exitCode: record.state.exitCode })
}

function refusal(name: string, status: string): string {
  const advice = status === 'paused' ? 'unpause and then stop' : 'stop'
  return `cannot remove container "${name}": container is ${status}: ${advice} the container before removing or force remove`
}
