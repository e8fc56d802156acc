import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { EngineError } from '../../base/errors.ts'
import { parseCapabilityMask } from './capabilities.ts'
import type { BundleFacts } from './plan-bundle.ts'
import { parseOwnLimits } from './rlimits.ts'
import { defaultSeccompPath, parseSeccompProfile, type SeccompProfile } from './seccomp.ts'

/** What is true of every container of this engine. */
export type MachineFacts = Pick<BundleFacts, 'capabilities' | 'ownLimits' | 'machine'>

/** Reads what this process may do. */
export function readMachineFacts(): MachineFacts {
  const bounding = /^CapBnd:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const capabilities = parseCapabilityMask(bounding)
  return {
    capabilities,
    ownLimits: capabilities.includes('CAP_SYS_RESOURCE')
      ? undefined
      : parseOwnLimits(readFileSync('/proc/self/limits', 'utf8')),
    machine: { arch: process.arch, kernel: release() },
  }
}

/** Reads the profile that every container gets. @throws {EngineError} `unavailable` naming the package that has it */
export function readDefaultSeccomp(path: string = defaultSeccompPath): SeccompProfile {
  if (!existsSync(path)) {
    throw new EngineError(
      'unavailable',
      `Cannot confine containers: "${path}" is missing; install the package golang-github-containers-common`,
    )
  }
  return parseSeccompProfile(readFileSync(path, 'utf8'), path)
}
