import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** The second name of the file that is written: what conmon cuts off is not lost. */
export const keptName = (path: string): string => `${path}.0`

/** The names of a log's files, the newest first: `log`, `log.0` (its second name), `log.1`, … */
export function logNames(path: string, maxFiles: number): readonly string[] {
  return [path, ...Array.from({ length: maxFiles }, (_, number) => `${path}.${number}`)]
}

/** One file of a log, open. */
export interface LogFile {
  readonly handle: FileHandle
  readonly inode: number
}

/**
 * Opens all files of a log, the oldest first.
 *
 * Files get older names while this runs, from the oldest to the newest: looked for from the newest to the oldest none
 * is missed, and one that is met twice is taken once.
 */
export async function openLogFiles(path: string, maxFiles: number): Promise<LogFile[]> {
  const files: LogFile[] = []
  for (const name of logNames(path, maxFiles)) {
    const file = await openLogFile(name)
    if (file === undefined) continue
    if (files.some(({ inode }) => inode === file.inode)) await file.handle.close()
    else files.unshift(file)
  }
  return files
}

/**
 * The file that follows `inode`, open; undefined while that is the one that is written.
 *
 * When the file itself is gone, too many followed it: then the oldest that is left.
 */
export async function openNextLogFile(path: string, maxFiles: number, inode: number): Promise<LogFile | undefined> {
  if (inodeOf(path) === inode) return undefined
  const files = await openLogFiles(path, maxFiles)
  const at = files.findIndex((file) => file.inode === inode)
  const next = files[at + 1]
  await Promise.all(files.filter((file) => file !== next).map(({ handle }) => handle.close()))
  return next
}

/** @returns undefined when there is no such file */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

async function openLogFile(path: string): Promise<LogFile | undefined> {
  try {
    const handle = await open(path, 'r')
    return { handle, inode: (await handle.stat()).ino }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
