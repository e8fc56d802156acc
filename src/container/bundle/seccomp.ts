import { EngineError } from '../../base/errors.ts'
import { isAtLeast } from './kernel-version.ts'
import type { OciSeccomp, OciSyscallRule } from './oci.ts'

/** Where Debian and Ubuntu keep the profile that the container tools share. */
export const defaultSeccompPath = '/usr/share/containers/seccomp.json'

/** A profile as Docker's tools write it: rules may depend on capabilities, architecture and kernel. */
export interface SeccompProfile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly archMap?: readonly {
    readonly architecture: string
    readonly subArchitectures?: readonly string[] | null
  }[]
  readonly syscalls?: readonly SeccompProfileRule[] | null
}

/** One rule of a profile. */
export interface SeccompProfileRule {
  readonly names?: readonly string[]
  readonly name?: string
  readonly action: string
  readonly errnoRet?: number
  readonly args?: OciSyscallRule['args'] | null
  readonly includes?: SeccompCondition
  readonly excludes?: SeccompCondition
}

/** When a rule holds. */
export interface SeccompCondition {
  readonly caps?: readonly string[]
  /** Go's names: `amd64`, `arm64`. */
  readonly arches?: readonly string[]
  /** `"4.8"`. */
  readonly minKernel?: string
}

/** What a profile's conditions are about. */
export interface SeccompFacts {
  readonly capabilities: readonly string[]
  /** Node's name: `x64`, `arm64`. */
  readonly arch: string
  /** `"6.18.44-fc"`. */
  readonly kernel: string
}

const architectures: Readonly<Record<string, { readonly go: string; readonly scmp: string }>> = {
  x64: { go: 'amd64', scmp: 'SCMP_ARCH_X86_64' },
  arm64: { go: 'arm64', scmp: 'SCMP_ARCH_AARCH64' },
  arm: { go: 'arm', scmp: 'SCMP_ARCH_ARM' },
  ia32: { go: 'x86', scmp: 'SCMP_ARCH_X86' },
  ppc64: { go: 'ppc64le', scmp: 'SCMP_ARCH_PPC64LE' },
  riscv64: { go: 'riscv64', scmp: 'SCMP_ARCH_RISCV64' },
  s390x: { go: 's390x', scmp: 'SCMP_ARCH_S390X' },
}

/**
 * Reads the text of a profile.
 *
 * @param origin  named in the error
 * @throws {EngineError} `invalid-argument` when it is not a profile
 */
export function parseSeccompProfile(text: string, origin: string): SeccompProfile {
  try {
    const profile = JSON.parse(text) as SeccompProfile
    if (typeof profile.defaultAction === 'string') return profile
  } catch (cause) {
    throw new EngineError('invalid-argument', `Decoding seccomp profile failed: ${(cause as Error).message}`, { cause })
  }
  throw new EngineError('invalid-argument', `Decoding seccomp profile failed: "${origin}" has no defaultAction`)
}

/** The filter that a profile means for one container: its conditions decided, its architectures written out. */
export function planSeccomp(profile: SeccompProfile, facts: SeccompFacts): OciSeccomp {
  const rules = (profile.syscalls ?? []).filter(
    ({ includes, excludes }) => matchesAll(includes ?? {}, facts) && !matchesAny(excludes ?? {}, facts),
  )
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: planArchitectures(profile, facts),
    syscalls: rules.map(({ names, name, action, errnoRet, args }) => ({
      names: names ?? (name === undefined ? [] : [name]),
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args && args.length > 0 ? { args } : {}),
    })),
  }
}

function planArchitectures({ archMap, architectures: listed }: SeccompProfile, { arch }: SeccompFacts): string[] {
  const native = architectures[arch]?.scmp
  const entry = archMap?.find(({ architecture }) => architecture === native)
  if (entry !== undefined) return [entry.architecture, ...(entry.subArchitectures ?? [])]
  if (listed !== undefined && listed.length > 0) return [...listed]
  return native === undefined ? [] : [native]
}

/** `includes`: every condition that is given must hold; all capabilities, any architecture. */
function matchesAll({ caps, arches, minKernel }: SeccompCondition, facts: SeccompFacts): boolean {
  if (caps?.some((cap) => !facts.capabilities.includes(cap))) return false
  if (arches !== undefined && arches.length > 0 && !arches.includes(goArch(facts))) return false
  return minKernel === undefined || minKernel === '' || isAtLeast(facts.kernel, minKernel)
}

/** `excludes`: one condition that holds is enough. */
function matchesAny({ caps, arches, minKernel }: SeccompCondition, facts: SeccompFacts): boolean {
  if (caps?.some((cap) => facts.capabilities.includes(cap))) return true
  if (arches?.includes(goArch(facts))) return true
  return minKernel !== undefined && minKernel !== '' && isAtLeast(facts.kernel, minKernel)
}

function goArch({ arch }: SeccompFacts): string {
  return architectures[arch]?.go ?? arch
}
