import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HealthConfig, HostConfig, RestartPolicy } from '../../protocol/container.ts'

/** Bytes: less than this nothing can start in. */
const leastMemory = 6 * 1024 * 1024
/** Nanoseconds. */
const leastHealthNs = 1_000_000

/**
 * Refuses values that no container can have, before anything is looked up.
 *
 * @param cpus  of this host
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkSettings(config: ContainerConfig, host: HostConfig, cpus: number): void {
  if (config.WorkingDir && !config.WorkingDir.startsWith('/')) {
    refuse(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
  }
  const nameless = config.Env?.find((variable) => variable === '' || variable.startsWith('='))
  if (nameless !== undefined) refuse(`invalid environment variable: ${nameless}`)
  for (const entry of host.ExtraHosts ?? []) checkExtraHost(entry)
  checkHealth(config.Healthcheck ?? {})
  checkRestartPolicy(host.RestartPolicy ?? {})
  checkMemory(host)
  checkCpus(host, cpus)
  if ((host.ShmSize ?? 0) < 0) refuse('SHM size can not be less than 0')
  const adjustment = host.OomScoreAdj ?? 0
  if (adjustment < -1000 || adjustment > 1000) {
    refuse(`Invalid value ${adjustment}, range for oom score adj is [-1000, 1000]`)
  }
}

/** `"name:address"`, `"name:host-gateway"`; the name has no colon, an IPv6 address has many. */
function checkExtraHost(entry: string): void {
  const cut = entry.indexOf(':')
  if (cut < 1) refuse(`bad format for add-host: "${entry}"`)
  const address = entry.slice(cut + 1).replace(/^\[(.*)\]$/, '$1')
  if (address !== 'host-gateway' && isIP(address) === 0) refuse(`invalid IP address in add-host: "${address}"`)
}

function checkHealth(health: HealthConfig): void {
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health[name] ?? 0
    if (value !== 0 && value < leastHealthNs) refuse(`${name} in Healthcheck cannot be less than 1ms`)
  }
  if ((health.Retries ?? 0) < 0) refuse('Retries in Healthcheck cannot be negative')
}

function checkRestartPolicy({ Name = '', MaximumRetryCount: count = 0 }: RestartPolicy): void {
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(Name)) {
    refuse(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  }
  if (count < 0) refuse('invalid restart policy: maximum retry count cannot be negative')
  if (count > 0 && Name !== 'on-failure') {
    refuse("invalid restart policy: maximum retry count can only be used with 'on-failure'")
  }
}

function checkMemory({ Memory = 0, MemorySwap = 0, MemoryReservation = 0 }: HostConfig): void {
  if (Memory !== 0 && Memory < leastMemory) refuse('Minimum memory limit allowed is 6MB')
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    refuse('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (Memory === 0 && MemorySwap > 0) {
    refuse('You should always set the Memory limit when using Memoryswap limit, see usage')
  }
  if (MemoryReservation > 0 && MemoryReservation < leastMemory) refuse('Minimum memory reservation allowed is 6MB')
  if (Memory > 0 && MemoryReservation > Memory) {
    refuse('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

function checkCpus({ NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 }: HostConfig, cpus: number): void {
  if (NanoCpus !== 0 && CpuPeriod !== 0) refuse('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (NanoCpus !== 0 && CpuQuota !== 0) refuse('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    const most = cpus.toFixed(2)
    refuse(`range of CPUs is from 0.01 to ${most}, as there are only ${cpus} CPUs available`)
  }
  if (CpuShares < 0) refuse(`shares value ${CpuShares} must be positive`)
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    refuse('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (CpuQuota > 0 && CpuQuota < 1000) refuse('CPU cfs quota can not be less than 1ms (i.e. 1000)')
}

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
