import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerPaths } from './model.ts'

/** Bytes that a container has written over its image: the files of its upper layer, hard links counted once. */
export async function writableBytes({ dir }: Pick<ContainerPaths, 'dir'>): Promise<number> {
  return sizeBelow(join(dir, 'upper'), new Set())
}

async function sizeBelow(directory: string, seen: Set<number>): Promise<number> {
  let bytes = 0
  for (const path of await pathsIn(directory)) {
    const stat = await lstat(path).catch(ignoreAbsence)
    if (stat === undefined || seen.has(stat.ino)) continue
    seen.add(stat.ino)
    bytes += stat.isDirectory() ? await sizeBelow(path, seen) : stat.isFile() ? stat.size : 0
  }
  return bytes
}

async function pathsIn(directory: string): Promise<string[]> {
  const entries = await opendir(directory).then((found) => Array.fromAsync(found), ignoreAbsence)
  return (entries ?? []).map(({ name }) => join(directory, name))
}

/** The container goes on writing and deleting while it is measured. */
function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
