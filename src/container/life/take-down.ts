import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { releaseMounts } from '../mounts/use-mounts.ts'
import { removeRootfs } from '../rootfs.ts'
import { removeSharedMemory } from '../shared-memory.ts'

/**
 * Removes from the kernel what a container's run had put there: cgroup, network, mounts. Its files stay.
 *
 * Goes on after a failure.
 *
 * @throws {AggregateError} every failure, after all was tried
 */
export async function takeDown(parts: ContainerParts, record: ContainerRecord): Promise<void> {
  const { supervisor, networking, pathsOf } = parts
  const outcomes = await Promise.allSettled([
    // The volumes last: what is left of the run may still write into them.
    supervisor.delete(record).finally(() => releaseMounts(parts, record)),
    networking.closeSandbox(record.id),
    removeRootfs(pathsOf(record.id)).finally(() => removeSharedMemory(pathsOf(record.id))),
  ])
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures, `Cannot take down container "${record.name}"`)
}
