import type { RestartPolicy } from '../../protocol/container.ts'

/** What a restart decision depends on. */
export interface ExitFacts {
  readonly policy: RestartPolicy
  readonly exitCode: number
  readonly restartCount: number
  readonly stoppedByUser: boolean
}

/** Whether a container that has just ended is to be started again. @source Docker's documentation, "Start containers automatically" */
export function shouldRestart({ policy, exitCode, restartCount, stoppedByUser }: ExitFacts): boolean {
  if (stoppedByUser) return false
  if (policy.Name === 'always' || policy.Name === 'unless-stopped') return true
  if (policy.Name !== 'on-failure' || exitCode === 0) return false
  const most = policy.MaximumRetryCount ?? 0
  return most === 0 || restartCount < most
}

/**
 * Whether a container that does not run is to be started when the engine starts: `always` also when the user had
 * stopped it, the others not. One that was never started waits for its user.
 *
 * @source Docker's restart manager, and its restoring of containers
 */
export function shouldStartWithEngine(facts: ExitFacts & { readonly startedBefore: boolean }): boolean {
  return facts.startedBefore && (facts.policy.Name === 'always' || shouldRestart(facts))
}

const firstDelayMs = 100
/** Milliseconds: no container waits longer for its restart. */
export const longestDelayMs = 60_000
/** A container that ran this long is healthy: the next delay is the first one again. */
const healthyMs = 10_000

/** Milliseconds to wait before the next restart: doubled each time, until a run lasts. */
export function nextRestartDelayMs(previousMs: number, ranForMs: number): number {
  if (previousMs === 0 || ranForMs >= healthyMs) return firstDelayMs
  return Math.min(previousMs * 2, longestDelayMs)
}
