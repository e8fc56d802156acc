import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { cgroupRoot } from './cgroup-root.ts'
import { cgroupMode } from './cgroups.ts'

/**
 * The file of a control group that changes when the kernel kills for its memory; undefined where there is none: version 1
 * has an event instead.
 *
 * @param path  of the group, from the root of the hierarchy: `"/wharf/0123…"`
 * @source Documentation/admin-guide/cgroup-v2.rst, "memory.events"
 */
export function memoryEventsFile(path: string): string | undefined {
  return cgroupMode() === 'unified' ? join(cgroupRoot, path, 'memory.events') : undefined
}

/** How often the kernel has killed a process of the group; undefined when the group is gone. */
export function countMemoryKills(file: string): number | undefined {
  try {
    return parseMemoryKills(readFileSync(file, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined
    throw error
  }
}

/** Reads the text of a `memory.events` file. */
export function parseMemoryKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}
