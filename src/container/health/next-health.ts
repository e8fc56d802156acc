import type { HealthPlan } from './health-plan.ts'

/** How one probe went. Exit code -1: it could not be run, or took too long. */
export interface ProbeResult {
  /** RFC 3339. */
  readonly start: string
  readonly end: string
  readonly exitCode: number
  readonly output: string
}

/** What the probes say of a container. */
export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy'
  readonly failingStreak: number
  /** The last probes, the newest at the end. */
  readonly log: readonly ProbeResult[]
}

/** Probes that are remembered. */
const kept = 5

/** Of a container that has just been started; the log of its last run is kept, as Docker keeps it. */
export function startingHealth(before: HealthState | undefined): HealthState {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] }
}

/**
 * What a probe makes of a container's health.
 *
 * @param sinceStartMs  how long the container had run when the probe began
 */
export function nextHealth(
  { status, failingStreak, log }: HealthState,
  result: ProbeResult,
  { retries, startPeriodMs }: HealthPlan,
  sinceStartMs: number,
): HealthState {
  const newLog = [...log, result].slice(-kept)
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log: newLog }
  const isForgiven = status === 'starting' && sinceStartMs < startPeriodMs
  const streak = isForgiven ? failingStreak : failingStreak + 1
  return { status: !isForgiven && streak >= retries ? 'unhealthy' : status, failingStreak: streak, log: newLog }
}

/** Milliseconds from the end of one probe, or the start of the container, to the next probe. */
export function probeDelayMs(
  { intervalMs, startIntervalMs, startPeriodMs }: HealthPlan,
  status: HealthState['status'],
  sinceStartMs: number,
): number {
  return status === 'starting' && sinceStartMs < startPeriodMs ? startIntervalMs : intervalMs
}
