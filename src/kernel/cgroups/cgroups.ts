import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statfsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { mountFileSystem } from '../mounts.ts'
import { cgroupRoot } from './cgroup-root.ts'

const CGROUP2_SUPER_MAGIC = 0x6367_7270
/** Controllers that version 1 only knows as one hierarchy. */
const pairs: readonly (readonly string[])[] = [
  ['net_cls', 'net_prio'],
  ['cpu', 'cpuacct'],
]

/** `unified`: version 2 alone. `legacy`: version 1 alone. `hybrid`: both, version 2 below `unified/`. */
export type CgroupMode = 'unified' | 'legacy' | 'hybrid'

/** How this machine has its control groups mounted. */
export function cgroupMode(): CgroupMode {
  if (statfsSync(cgroupRoot).type === CGROUP2_SUPER_MAGIC) return 'unified'
  return existsSync(join(cgroupRoot, 'unified', 'cgroup.procs')) ? 'hybrid' : 'legacy'
}

/**
 * Makes control groups usable for OCI runtimes. Safe to call at any time, any number of times.
 *
 * Runtimes refuse a hybrid machine whose version 2 hierarchy still holds controllers: each of those is mounted as a
 * version 1 hierarchy. One that cannot be (its version 2 groups are in use) is logged, and left alone.
 *
 * @source Documentation/admin-guide/cgroup-v2.rst, "Mounting"
 */
export function ensureUsableCgroups(log: Log): CgroupMode {
  const mode = cgroupMode()
  if (mode !== 'hybrid') return mode
  const controllers = readFileSync(join(cgroupRoot, 'unified', 'cgroup.controllers'), 'utf8')
  for (const group of planLeftOverHierarchies(controllers)) mountHierarchy(group, log)
  return mode
}

/** Which hierarchies to mount for the controllers of a `cgroup.controllers` file; pairs stay together. */
export function planLeftOverHierarchies(controllers: string): readonly (readonly string[])[] {
  const left = new Set(controllers.split(/\s+/).filter(Boolean))
  const together = pairs.filter((pair) => pair.every((name) => left.has(name)))
  const paired = new Set(together.flat())
  return [...together, ...[...left].filter((name) => !paired.has(name)).map((name) => [name])]
}

function mountHierarchy(group: readonly string[], log: Log): void {
  const name = group.join(',')
  const target = join(cgroupRoot, name)
  try {
    mkdirSync(target, { recursive: true })
    mountFileSystem('cgroup', target, { options: name })
    for (const alias of group.length > 1 ? group : []) {
      if (!existsSync(join(cgroupRoot, alias))) symlinkSync(name, join(cgroupRoot, alias))
    }
    log.info('mounts a left-over cgroup controller, which runtimes need on a hybrid host', {
      controllers: name,
      target,
    })
  } catch (error) {
    log.warn('cannot mount a left-over cgroup controller: the runtime may refuse to run', { controllers: name, error })
  }
}

/**
 * The directories of one control group, in every hierarchy that has it.
 *
 * @param path  from the root of the hierarchies: `"/wharf/0123…"`
 */
export function cgroupDirs(path: string): readonly string[] {
  if (cgroupMode() === 'unified') return [join(cgroupRoot, path)].filter(existsSync)
  return readdirSync(cgroupRoot, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(cgroupRoot, name, path))
    .filter(existsSync)
}

/** The processes of a control group and of those below it, in ascending order; empty when there is no such group. */
export function cgroupProcesses(path: string): readonly number[] {
  const [dir] = cgroupDirs(path)
  return dir === undefined ? [] : [...new Set(processesBelow(dir))].sort((a, b) => a - b)
}

/**
 * Removes a control group, and those below it, from every hierarchy. Absent is success.
 *
 * @throws {Error} `EBUSY` while it has processes
 */
export function removeCgroup(path: string): void {
  for (const dir of cgroupDirs(path)) removeTree(dir)
}

function removeTree(dir: string): void {
  for (const child of childGroups(dir)) removeTree(child)
  ignoringGone(() => rmdirSync(dir), undefined)
}

function processesBelow(dir: string): number[] {
  const own = ignoringGone(() => readFileSync(join(dir, 'cgroup.procs'), 'utf8'), '')
  return [...own.split('\n').filter(Boolean).map(Number), ...childGroups(dir).flatMap(processesBelow)]
}

function childGroups(dir: string): string[] {
  return ignoringGone(() => readdirSync(dir, { withFileTypes: true }), [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name))
}

/** Groups vanish under our hands when a runtime removes them; that is no failure. */
function ignoringGone<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return otherwise
    throw error
  }
}
