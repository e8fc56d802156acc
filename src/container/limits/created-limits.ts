import { availableParallelism } from 'node:os'
import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import { parseSecurityOptions } from '../bundle/security-options.ts'
import { checkLimits } from './check-limits.ts'
import type { CheckedLimits } from './checked-limits.ts'
import type { ContainerLimits } from './container-limits.ts'

/**
 * The limits that a new container gets, and what of those that were asked for this machine cannot keep.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words; `not-implemented` for a class of packets on a kernel
 *   without classes
 */
export function createdLimits({ abilities, hasNetClasses }: ContainerLimits, asked: HostConfig): CheckedLimits {
  const checked = checkLimits(asked, { abilities, cpus: availableParallelism(), update: false })
  if (parseSecurityOptions(asked.SecurityOpt ?? []).netClass !== undefined && !hasNetClasses) {
    throw new EngineError(
      'not-implemented',
      'Cannot give packets a class: this kernel has no net_cls control groups (CONFIG_CGROUP_NET_CLASSID)',
    )
  }
  const { Memory = 0, MemorySwap = 0 } = checked.limits
  // As Docker: without a word about swap, a container gets as much of it as memory.
  if (Memory === 0 || MemorySwap !== 0) return checked
  return { ...checked, limits: { ...checked.limits, MemorySwap: Memory * 2 } }
}
