import { EngineError } from '../../base/errors.ts'
import { parseSeccompProfile, type SeccompProfile } from './seccomp.ts'

/** What `--security-opt` says. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean
  /** The control groups of the container can be changed from inside. */
  readonly writableCgroups: boolean
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile
  /** Shown by inspect, and nothing else: without AppArmor in the kernel Docker does as much. */
  readonly appArmor: string
  /** The class of the container's packets, 1–0xffffffff. */
  readonly netClass?: number
}

/**
 * Reads security options: `no-new-privileges`, `seccomp=unconfined`, `seccomp=<profile as JSON>`, `writable-cgroups`, and
 * `net_cls=10:1`, which Docker does not have.
 *
 * Labels and profiles of security modules that this engine does not drive are taken and do nothing. The client
 * itself turns `systempaths=unconfined` into empty lists of paths.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words for what is no option
 */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  let found: SecurityOptions = { noNewPrivileges: false, writableCgroups: false, seccomp: 'default', appArmor: '' }
  for (const option of options) found = { ...found, ...parseOption(option) }
  return found
}

function parseOption(option: string): Partial<SecurityOptions> {
  if (option === 'no-new-privileges') return { noNewPrivileges: true }
  if (option === 'writable-cgroups') return { writableCgroups: true }
  if (option === 'disable') return {}
  const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':')
  if (at < 0) throw invalid(1, option)
  const value = option.slice(at + 1)
  switch (option.slice(0, at)) {
    case 'label':
      return {}
    case 'apparmor':
      return { appArmor: value }
    case 'seccomp':
      return { seccomp: parseSeccomp(value) }
    case 'net_cls':
      return { netClass: parseNetClass(value, option) }
    case 'no-new-privileges':
      return { noNewPrivileges: parseFlag(value, option) }
    case 'writable-cgroups':
      return { writableCgroups: parseFlag(value, option) }
    default:
      throw invalid(2, option)
  }
}

function parseSeccomp(value: string): SecurityOptions['seccomp'] {
  if (value === 'unconfined') return value
  return value === 'builtin' || value === '' ? 'default' : parseSeccompProfile(value, '--security-opt')
}

/** As Go reads truth. */
function parseFlag(value: string, option: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false
  throw invalid(2, option)
}

/** `"0x100001"`, `"1048577"`, or `"10:1"` as tc(8) writes it: two hexadecimal numbers of 16 bits. */
function parseNetClass(value: string, option: string): number {
  const [, major, minor] = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(value) ?? []
  const whole = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : 0
  const number = minor === undefined ? whole : Number.parseInt(major!, 16) * 0x1_0000 + Number.parseInt(minor, 16)
  if (number >= 1 && number <= 0xffff_ffff) return number
  throw new EngineError(
    'invalid-argument',
    `invalid --security-opt: "${option}": a class is a number up to 0xffffffff, or MAJOR:MINOR as tc writes it`,
  )
}

/** @param place  which of its two checks Docker names */
function invalid(place: 1 | 2, option: string): EngineError {
  return new EngineError('invalid-argument', `invalid --security-opt ${place}: ${JSON.stringify(option)}`)
}
