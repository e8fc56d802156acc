import type { CgroupAbilities } from '../../kernel/cgroups/cgroup-abilities.ts'
import type { Limits } from '../../protocol/limits.ts'

/** Limits without what this machine cannot keep, and a sentence about each of those. */
export interface CheckedLimits {
  readonly limits: Limits
  readonly warnings: readonly string[]
}

/** What the checks depend on. */
export interface LimitChecks {
  readonly abilities: CgroupAbilities
  /** Of this host. */
  readonly cpus: number
  /** A change of limits that are there already: what is not said stays. */
  readonly update: boolean
}
