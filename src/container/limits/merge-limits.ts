import { EngineError } from '../../base/errors.ts'
import type { HostConfig, RestartPolicy } from '../../protocol/container.ts'
import type { Limits } from '../../protocol/limits.ts'

/** What is to be other than it is. */
export interface LimitsUpdate {
  readonly limits: Limits
  /** Undefined: it stays. */
  readonly restartPolicy: RestartPolicy | undefined
}

/**
 * The settings of a container after an update: what the update does not name stays. Pure.
 *
 * @throws {EngineError} `conflict`, or `internal`, as Docker, when the update does not go with what is set already
 */
export function mergeLimits(current: HostConfig, { limits, restartPolicy }: LimitsUpdate): HostConfig {
  checkTogether(current, limits)
  const isPolicy = restartPolicy !== undefined && (restartPolicy.Name ?? '') !== ''
  if (isPolicy && current.AutoRemove && restartPolicy.Name !== 'no') {
    throw new EngineError(
      'internal',
      'Restart policy cannot be updated because AutoRemove is enabled for the container',
    )
  }
  return { ...current, ...said(limits), ...(isPolicy ? { RestartPolicy: restartPolicy } : {}) }
}

function checkTogether(current: HostConfig, next: Limits): void {
  const conflicts = [
    ['NanoCpus', 'CpuPeriod', 'Nano CPUs cannot be updated as CPU Period has already been set'],
    ['NanoCpus', 'CpuQuota', 'Nano CPUs cannot be updated as CPU Quota has already been set'],
    ['CpuPeriod', 'NanoCpus', 'CPU Period cannot be updated as NanoCPUs has already been set'],
    ['CpuQuota', 'NanoCpus', 'CPU Quota cannot be updated as NanoCPUs has already been set'],
  ] as const
  for (const [wanted, set, why] of conflicts) {
    if ((next[wanted] ?? 0) > 0 && (current[set] ?? 0) > 0) {
      throw new EngineError('conflict', `Conflicting options: ${why}`)
    }
  }
  // Also where nothing was said of swap before: Docker's clients know that they have to name both.
  const { Memory = 0, MemorySwap = 0 } = next
  if (Memory !== 0 && Memory > (current.MemorySwap ?? 0) && MemorySwap === 0) {
    throw new EngineError(
      'internal',
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    )
  }
}

/** Without what clients send for nothing: 0, an empty text or list. A limit of processes of 0 is one: none. */
function said(limits: Limits): Limits {
  const isSaid = ([name, value]: [string, unknown]) =>
    name === 'PidsLimit' ? typeof value === 'number' : Boolean(value) && (!Array.isArray(value) || value.length > 0)
  return Object.fromEntries(Object.entries(limits).filter(isSaid))
}
