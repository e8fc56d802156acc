import { EngineError } from '../../base/errors.ts'
import { parseSeccompProfile, type SeccompProfile } from './seccomp.ts'

/** What `--security-opt` says. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile
}

/**
 * Reads security options: `no-new-privileges`, `seccomp=unconfined`, `seccomp=<profile as JSON>`.
 *
 * Labels and profiles of security modules that this engine does not drive are taken and do nothing.
 *
 * @throws {EngineError} `invalid-argument` for words that are no option
 */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  let [noNewPrivileges, seccomp]: [boolean, SecurityOptions['seccomp']] = [false, 'default']
  for (const option of options) {
    const at = option.search(/[=:]/)
    const key = at < 0 ? option : option.slice(0, at)
    const value = at < 0 ? '' : option.slice(at + 1)
    if (key === 'no-new-privileges') noNewPrivileges = parseFlag(value, option)
    else if (key === 'seccomp') seccomp = parseSeccomp(value)
    else if (!['label', 'apparmor', 'systempaths', 'writable-cgroups'].includes(key)) {
      throw new EngineError('invalid-argument', `invalid --security-opt: "${option}"`)
    }
  }
  return { noNewPrivileges, seccomp }
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
