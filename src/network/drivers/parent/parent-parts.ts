import type { KernelFeatures } from '../../../kernel/host/features.ts'
import type { ParentUsers } from './parent-users.ts'

/** What the drivers that sit on interfaces of the host share. */
export interface ParentParts {
  readonly users: ParentUsers
  /** What this kernel has. */
  readonly kernel: KernelFeatures
}
