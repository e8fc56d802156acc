import type { ContainerParts } from '../container-parts.ts'
import type { WaitCondition } from '../containers.ts'
import type { ExitStatus } from '../process/exit-board.ts'
import { isLive } from './is-live.ts'

/** Waits until a container ends, or is removed. `not-running` is true at once for one that does not run. */
export async function waitForContainer(
  { table, exits }: ContainerParts,
  ref: string,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const record = table.find(ref)
  const { status, exitCode, error } = record.state
  const idle = !isLive(record) && status !== 'restarting'
  if (condition === 'not-running' && idle) return { exitCode, ...(error ? { error } : {}) }
  return exits.next(condition === 'removed' ? 'removal' : 'exit', record.id, signal)
}
