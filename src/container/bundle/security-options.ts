import { EngineError } from '../../base/errors.ts'
import { parseSeccompProfile, type SeccompProfile } from './seccomp.ts'

/** What `--security-opt` says. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile
  /** The class of the container's packets, 1–0xffffffff. */
  readonly netClass?: number
}

/**
 * Reads security options: `no-new-privileges`, `seccomp=unconfined`, `seccomp=<profile as JSON>`, and `net_cls=10:1`,
 * which Docker does not have.
 *
 * Labels and profiles of security modules that this engine does not drive are taken and do nothing.
 *
 * @throws {EngineError} `invalid-argument` for words that are no option
 */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  let [noNewPrivileges, seccomp]: [boolean, SecurityOptions['seccomp']] = [false, 'default']
  let netClass: number | undefined
  for (const option of options) {
    const at = option.search(/[=:]/)
    const key = at < 0 ? option : option.slice(0, at)
    const value = at < 0 ? '' : option.slice(at + 1)
    if (key === 'no-new-privileges') noNewPrivileges = parseFlag(value, option)
    else if (key === 'seccomp') seccomp = parseSeccomp(value)
    else if (key === 'net_cls') netClass = parseNetClass(value, option)
    else if (!['label', 'apparmor', 'systempaths', 'writable-cgroups'].includes(key)) {
      throw new EngineError('invalid-argument', `invalid --security-opt: "${option}"`)
    }
  }
  return { noNewPrivileges, seccomp, ...(netClass === undefined ? {} : { netClass }) }
}

function parseSeccomp(value: string): SecurityOptions['seccomp'] {
  if (value === 'unconfined') return value
  return value === 'builtin' || value === '' ? 'default' : parseSeccompProfile(value, '--security-opt')
}

function parseFlag(value: string, option: string): boolean {
  if (['', 'true', '1'].includes(value)) return true
  if (['false', '0'].includes(value)) return false
  throw new EngineError('invalid-argument', `invalid --security-opt: "${option}"`)
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
