import type { ContainerConfig, HealthConfig } from '../../protocol/container.ts'

/** A container's health check, its defaults filled in. Times in milliseconds. */
export interface HealthPlan {
  readonly command: readonly string[]
  readonly intervalMs: number
  readonly timeoutMs: number
  /** So long after the start failures do not count. */
  readonly startPeriodMs: number
  /** Takes the place of the interval in the start period, until the container is healthy. */
  readonly startIntervalMs: number
  /** So many failures in a row make a container unhealthy. */
  readonly retries: number
}

const usualShell = ['/bin/sh', '-c']
const usualMs = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000 }
const usualRetries = 3

/**
 * The check that a container's settings ask for; undefined when there is none, or `NONE`.
 *
 * @source Docker Engine API v1.51, HealthConfig
 */
export function planHealth({ Healthcheck, Shell }: ContainerConfig): HealthPlan | undefined {
  const command = commandOf(Healthcheck?.Test ?? [], Shell ?? [])
  if (!Healthcheck || command === undefined) return undefined
  const { Interval, Timeout, StartPeriod, StartInterval, Retries = 0 } = Healthcheck
  return {
    command,
    intervalMs: milliseconds(Interval) || usualMs.interval,
    timeoutMs: milliseconds(Timeout) || usualMs.timeout,
    startPeriodMs: milliseconds(StartPeriod) || usualMs.startPeriod,
    startIntervalMs: milliseconds(StartInterval) || usualMs.startInterval,
    retries: Retries > 0 ? Retries : usualRetries,
  }
}

/** A container's own check with what its image says where it says nothing. */
export function mergeHealth(
  own: HealthConfig | null | undefined,
  image: HealthConfig | undefined,
): HealthConfig | undefined {
  if (!own) return image
  if (image === undefined) return own
  const test = own.Test && own.Test.length > 0 ? { Test: own.Test } : {}
  const given = Object.fromEntries(Object.entries(own).filter(([name, value]) => name !== 'Test' && value))
  return { ...image, ...given, ...test }
}

function commandOf(test: readonly string[], shell: readonly string[]): readonly string[] | undefined {
  const [kind, ...words] = test
  if (words.length === 0) return undefined
  if (kind === 'CMD') return words
  return kind === 'CMD-SHELL' ? [...(shell.length > 0 ? shell : usualShell), ...words] : undefined
}

function milliseconds(nanoseconds = 0): number {
  return nanoseconds / 1e6
}
