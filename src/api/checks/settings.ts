import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'
import { parseSignal } from '../../container/process/signals.ts'
import type { ContainerConfig, HealthConfig, HostConfig, RestartPolicy } from '../../protocol/container.ts'

/** Bytes. @source include/uapi/linux/limits.h, `HOST_NAME_MAX` */
const longestHostname = 64
/** Nanoseconds. */
const leastHealthNs = 1_000_000

/**
 * Refuses values that no container can have, before anything is looked up. Limits are checked where it is known what
 * this machine can limit (`container/limits/`).
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkSettings(config: ContainerConfig, host: HostConfig): void {
  if (config.WorkingDir && !config.WorkingDir.startsWith('/')) {
    refuse(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
  }
  const nameless = config.Env?.find((variable) => variable === '' || variable.startsWith('='))
  if (nameless !== undefined) refuse(`invalid environment variable: ${nameless}`)
  if (Object.hasOwn(host.Annotations ?? {}, ''))
    refuse('invalid Annotations: the empty string is not permitted as an annotation key')
  for (const entry of host.ExtraHosts ?? []) checkExtraHost(entry)
  for (const server of host.Dns ?? []) {
    if (isIP(server) === 0)
      refuse(`bad nameserver address ${server}: ParseAddr(${JSON.stringify(server)}): unable to parse IP`)
  }
  checkLines({ Hostname: [config.Hostname], Domainname: [config.Domainname] })
  checkLines({ DnsSearch: host.DnsSearch, DnsOptions: host.DnsOptions, ExtraHosts: host.ExtraHosts })
  if (config.StopSignal) parseSignal(config.StopSignal)
  if ((config.Hostname ?? '').length > longestHostname) {
    refuse(`hostname ${JSON.stringify(config.Hostname)} is too long (maximum ${longestHostname} bytes)`)
  }
  checkHealth(config.Healthcheck ?? {})
  checkRestartPolicy(host.RestartPolicy ?? {})
  if ((host.ShmSize ?? 0) < 0) refuse('SHM size can not be less than 0')
  const adjustment = host.OomScoreAdj ?? 0
  if (adjustment < -1000 || adjustment > 1000) {
    refuse(`Invalid value ${adjustment}, range for oom score adj is [-1000, 1000]`)
  }
}

/** What is written into files of lines is none itself. */
function checkLines(texts: Readonly<Record<string, readonly (string | null | undefined)[] | null | undefined>>): void {
  for (const [field, values] of Object.entries(texts)) {
    const bad = values?.find((value) => /[\n\r\0]/.test(value ?? ''))
    if (bad) refuse(`invalid ${field} ${JSON.stringify(bad)}: it has more than one line`)
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

/** @throws {EngineError} `invalid-argument` in Docker's words */
export function checkRestartPolicy({ Name = '', MaximumRetryCount: count = 0 }: RestartPolicy): void {
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

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
