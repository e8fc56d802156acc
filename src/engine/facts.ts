import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, hostname, machine, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import type { CgroupAbilities } from '../kernel/cgroups/cgroup-abilities.ts'
import type { SystemFacts } from './engine.ts'
import { fileSystemOf } from './host-state.ts'

const run = promisify(execFile)

/** What is true of this host and engine for as long as the engine runs. */
export interface FixedFacts {
  readonly id: string
  readonly runtime: string
  readonly dataRoot: string
  readonly cgroupVersion: '1' | '2'
  readonly abilities: CgroupAbilities
  readonly warnings: readonly string[]
  readonly startedAt: string
}

/** Of this program. */
export const engineVersion: string = packageJson.version

/** Reads what `/info` and `/version` tell. It does not change while the engine runs: read it once. */
export async function readFacts(fixed: FixedFacts): Promise<SystemFacts> {
  const { id, runtime, dataRoot, cgroupVersion, abilities, warnings, startedAt } = fixed
  const release_ = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return {
    id,
    kernelVersion: release(),
    operatingSystem: osField(release_, 'PRETTY_NAME') ?? 'Linux',
    osVersion: osField(release_, 'VERSION_ID') ?? '',
    architecture: machine(),
    hostname: hostname(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    cgroupVersion,
    abilities,
    fileSystem: fileSystemOf(dataRoot),
    engineVersion,
    gitCommit: '',
    buildTime: '',
    components: await Promise.all([versionOf(runtime), versionOf('conmon')]),
    warnings,
    startedAt,
  }
}

function osField(text: string, key: string): string | undefined {
  return new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1]
}

/** The version that `--version` prints: `"crun version 1.8.1"` gives `1.8.1`. */
async function versionOf(program: string): Promise<{ name: string; version: string }> {
  const name = program.split('/').at(-1)!
  const text = await run(program, ['--version']).then(
    ({ stdout }) => stdout,
    (error: Error) => error.message,
  )
  return { name, version: /version ([^\s]+)/.exec(text)?.[1] ?? 'unknown' }
}
