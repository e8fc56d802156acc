import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { EngineError } from '../../base/errors.ts'
import type { CgroupMode } from '../../kernel/cgroups.ts'
import { parseCapabilityMask } from './capabilities.ts'
import type { BundleFacts } from './plan-bundle.ts'
import { parseOwnLimits } from './rlimits.ts'
import { defaultSeccompPath, parseSeccompProfile, type SeccompProfile } from './seccomp.ts'

/** What is true of every container of this engine. */
export type MachineFacts = Pick<BundleFacts, 'capabilities' | 'ownLimits' | 'support' | 'machine'>

/** Reads what this process may do, and what the kernel can limit. */
export function readMachineFacts(mode: CgroupMode): MachineFacts {
  const bounding = /^CapBnd:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const capabilities = parseCapabilityMask(bounding)
  const has = (file: string) => existsSync(`/sys/fs/cgroup/${file}`)
  return {
    capabilities,
    ownLimits: capabilities.includes('CAP_SYS_RESOURCE')
      ? undefined
      : parseOwnLimits(readFileSync('/proc/self/limits', 'utf8')),
    support:
      mode === 'unified'
        ? {
            swap: existsSync('/proc/swaps'),
            blkioWeight: has('init.scope/io.weight') || has('init.scope/io.bfq.weight'),
          }
        : { swap: has('memory/memory.memsw.limit_in_bytes'), blkioWeight: has('blkio/blkio.weight') },
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
