import type { DeviceMapping, DeviceRequest, HealthConfig, RestartPolicy } from '../../protocol/container.ts'
import type { Flags } from '../flags/flags.ts'
import { readText } from './environment.ts'

/** Reads `--restart`: `"no"`, `"always"`, `"unless-stopped"`, `"on-failure:5"`. @throws {Error} */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name = '', count, more] = text.split(':')
  if (more !== undefined) throw new Error(`invalid restart policy format: ${text}`)
  if (count !== undefined && !/^\d+$/.test(count)) {
    throw new Error('invalid restart policy format: maximum retry count must be an integer')
  }
  // The daemon says which names it knows.
  return { Name: name as 'no', MaximumRetryCount: Number(count ?? 0) }
}

/** Reads `--device`: `"/dev/fuse"`, `"/dev/sda:/dev/xvdc:r"`. @throws {Error} `bad format for path: x` */
export function parseDevice(text: string): DeviceMapping {
  const [outside = '', second, third, more] = text.split(':')
  if (more !== undefined || outside === '') throw new Error(`bad format for path: ${text}`)
  const isMode = (word: string | undefined): boolean => word !== undefined && /^[rwm]{1,3}$/.test(word)
  if (third === undefined && isMode(second)) {
    return { PathOnHost: outside, PathInContainer: outside, CgroupPermissions: second! }
  }
  if (third !== undefined && !isMode(third)) throw new Error(`bad mode specified: ${third}`)
  return { PathOnHost: outside, PathInContainer: second || outside, CgroupPermissions: third ?? 'rwm' }
}

/** Checks `--device-cgroup-rule`: `"c 42:* rmw"`. @throws {Error} with Docker's words */
export function checkDeviceRule(text: string): void {
  if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) throw new Error(`invalid device cgroup format '${text}'`)
}

/** Reads `--gpus`: `"all"` or a number. @throws {Error} */
export function parseGpus(text: string): DeviceRequest {
  if (text !== 'all' && !/^\d+$/.test(text))
    throw new Error(`invalid count (${text}): value must be either "all" or an integer`)
  return { Count: text === 'all' ? -1 : Number(text), Capabilities: [['gpu']] }
}

/** Checks the modes that name a namespace. @throws {Error} with Docker's words */
export function checkModes(flags: Flags): void {
  const container = /^container:./
  const known = [
    ['pid', 'PID', (mode: string) => mode === 'host' || container.test(mode)],
    ['uts', 'UTS', (mode: string) => mode === 'host'],
    ['userns', 'USER', (mode: string) => mode === 'host'],
    ['cgroupns', 'CGROUP', (mode: string) => mode === 'host' || mode === 'private'],
  ] as const
  for (const [name, kind, isKnown] of known) {
    const mode = flags.text(name)
    if (mode !== '' && !isKnown(mode)) throw new Error(`--${name}: invalid ${kind} mode`)
  }
}

/** What `--security-opt` asks for. `systempaths=unconfined` takes the masks off. */
export interface SecurityOptions {
  readonly options: readonly string[]
  readonly unmasked: boolean
}

/** Reads `--security-opt`; a seccomp profile is read here, because the file is on this side. @throws {Error} */
export function parseSecurityOptions(values: readonly string[]): SecurityOptions {
  const options = values
    .filter((value) => value !== 'systempaths=unconfined')
    .map((value) => {
      if (value === 'no-new-privileges') return value
      const [, key, separator, rest = ''] = /^([^=:]+)([=:])(.*)$/.exec(value) ?? []
      if (separator === undefined) throw new Error(`Invalid --security-opt: "${value}"`)
      if (key !== 'seccomp' || rest === 'unconfined' || rest === 'builtin') return value
      return `seccomp=${readProfile(rest)}`
    })
  return { options, unmasked: values.includes('systempaths=unconfined') }
}

function readProfile(file: string): string {
  try {
    return JSON.stringify(JSON.parse(readText(file)))
  } catch (cause) {
    throw new Error(`opening seccomp profile (${file}) failed: ${(cause as Error).message}`, { cause })
  }
}

/** Reads the `--health-…` flags; `undefined` when none is given. @throws {Error} with Docker's words */
export function parseHealth(flags: Flags): HealthConfig | undefined {
  const given = ['cmd', 'interval', 'retries', 'start-interval', 'start-period', 'timeout'].some((name) =>
    flags.given(`health-${name}`),
  )
  if (flags.on('no-healthcheck')) {
    if (given) throw new Error('--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!given) return undefined
  const check = flags.text('health-cmd')
  return {
    ...(check === '' ? {} : { Test: ['CMD-SHELL', check] }),
    Interval: positive(flags, 'health-interval'),
    Timeout: positive(flags, 'health-timeout'),
    StartPeriod: positive(flags, 'health-start-period'),
    StartInterval: positive(flags, 'health-start-interval'),
    Retries: positive(flags, 'health-retries'),
  }
}

function positive(flags: Flags, name: string): number {
  const value = flags.number(name) ?? 0
  if (value < 0) throw new Error(`--${name} cannot be negative`)
  return value
}
