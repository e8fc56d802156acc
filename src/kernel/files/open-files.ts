import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hasCode } from '../../base/errors.ts'

/**
 * How far a process is in the files of one directory that it has open.
 *
 * A process that is gone, and a file that was closed meanwhile, are in no place: they are left out.
 *
 * @param directory  absolute, without a slash at its end
 * @returns bytes from the beginning of the file, by the file's name
 * @source proc(5), /proc/pid/fd and /proc/pid/fdinfo
 */
export function openFileOffsets(pid: number, directory: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  for (const descriptor of ifThere(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const path = ifThere(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`))
    if (!path?.startsWith(`${directory}/`)) continue
    const info = ifThere(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))
    const offset = info && /^pos:\s*(\d+)/m.exec(info)?.[1]
    if (offset) offsets.set(path.slice(directory.length + 1), Number(offset))
  }
  return offsets
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}
