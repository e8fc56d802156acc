import { availableParallelism } from 'node:os'
import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import { isLive } from '../life/is-live.ts'
import { checkLimits } from './check-limits.ts'
import { type LimitsUpdate, mergeLimits } from './merge-limits.ts'

/**
 * Changes the limits and the restart policy of a container. What runs gets them at once; the record says so when the
 * kernel has taken them.
 *
 * @returns what this machine cannot limit, a sentence each
 * @throws {EngineError} in Docker's words: `invalid-argument` for values that no container can have, `conflict` or
 *   `internal` for what does not go with what is set already, `internal` when the kernel refuses
 */
export async function updateContainer(
  { table, locks, supervisor: { limits }, publish }: ContainerParts,
  ref: string,
  update: LimitsUpdate,
): Promise<readonly string[]> {
  const { abilities } = limits
  const checked = checkLimits(update.limits, { abilities, cpus: availableParallelism(), update: true })
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  try {
    if (record.state.status === 'removing' || record.state.status === 'dead') {
      throw new EngineError('internal', 'container is marked for removal and cannot be "update"')
    }
    const hostConfig = mergeLimits(record.hostConfig, { ...update, limits: checked.limits })
    if (isLive(record)) limits.change(record, hostConfig)
    const updated = { ...table.find(id), hostConfig }
    table.put(updated)
    publish('update', updated)
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause
    throw new EngineError(cause.kind, `Cannot update container ${id}: ${cause.message}`, { cause })
  }
  return checked.warnings
}
