import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { cgroupRoot } from './cgroup-root.ts'
import { cgroupMode } from './cgroups.ts'
import type { LimitFile } from './limits.ts'
import { lineKeyOf } from './plan-limits.ts'

const memoryFile = 'memory.limit_in_bytes'
const swapFile = 'memory.memsw.limit_in_bytes'

/**
 * Writes limits of a control group that is there: all of them or none.
 *
 * @param path   of the group, from the root of the hierarchies: `"/wharf/0123…"`
 * @param files  of `planLimitFiles`
 * @throws {EngineError} `internal` naming the file and the kernel's reason; what was written is taken back
 */
export function writeCgroupLimits(path: string, files: readonly LimitFile[]): void {
  const unified = cgroupMode() === 'unified'
  const pathOf = ({ controller, name }: LimitFile) =>
    unified ? join(cgroupRoot, path, name) : join(cgroupRoot, controller, path, name)
  const read = (file: LimitFile) => readFileSync(pathOf(file), 'utf8')
  const undo: LimitFile[] = []
  try {
    for (const file of orderMemory(files, read)) {
      const before = previousOf(file, read(file))
      write(pathOf(file), file.value)
      undo.unshift(before)
    }
  } catch (cause) {
    for (const file of undo) write(pathOf(file), file.value)
    throw cause
  }
}

/**
 * Memory may never be more than memory and swap together: what grows, grows from the outside, what shrinks, from the
 * inside. Version 2 counts them apart, and does not mind.
 *
 * @source Documentation/admin-guide/cgroup-v1/memory.rst, "Swap Extension"
 */
export function orderMemory(files: readonly LimitFile[], read: (file: LimitFile) => string): readonly LimitFile[] {
  const memory = files.find(({ name }) => name === memoryFile)
  const swap = files.find(({ name }) => name === swapFile)
  if (memory === undefined || swap === undefined) return files
  const isBeyond = Number(memory.value) < 0 || Number(memory.value) > Number(read(swap))
  const rest = files.filter((file) => file !== memory && file !== swap)
  return [...(isBeyond ? [swap, memory] : [memory, swap]), ...rest]
}

/** What to write to have a file as it is now. */
function previousOf(file: LimitFile, text: string): LimitFile {
  if (file.unset === undefined) return { ...file, value: text.trim() }
  const key = lineKeyOf(file)
  const line = text.split('\n').find((one) => one.startsWith(`${key} `))
  return { ...file, value: line?.trim() ?? `${key} ${file.unset}` }
}

function write(path: string, value: string): void {
  try {
    writeFileSync(path, value, { flag: 'r+' })
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException
    throw new EngineError('internal', `failed to write "${value}" to "${path}": ${reasons[code] ?? code}`, { cause })
  }
}

/** In the words of the system's messages. */
const reasons: Readonly<Record<string, string>> = {
  EBUSY: 'device or resource busy',
  EINVAL: 'invalid argument',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTSUP: 'operation not supported',
  EOPNOTSUPP: 'operation not supported',
  ERANGE: 'numerical result out of range',
}
