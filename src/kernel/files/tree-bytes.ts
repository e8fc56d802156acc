import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** How many files are looked at together: enough for the threads that look, and little to remember. */
const atOnce = 32

/**
 * Bytes of all regular files below a directory, hard links counted once; 0 when there is no such directory.
 *
 * Files may come and go while it counts. What is mounted below counts as well. Nothing waits for it.
 */
export async function treeBytes(directory: string): Promise<number> {
  return bytesBelow(directory, new Set())
}

async function bytesBelow(directory: string, linked: Set<string>): Promise<number> {
  const dir = await opendir(directory).catch(ignoreAbsence)
  if (dir === undefined) return 0
  let bytes = 0
  let paths: string[] = []
  const count = async (): Promise<void> => {
    const sizes = await Promise.all(paths.map((path) => bytesOf(path, linked)))
    const below = sizes.flatMap((size, i) => (size === undefined ? [paths[i]!] : []))
    for (const size of sizes) bytes += size ?? 0
    paths = []
    for (const path of below) bytes += await bytesBelow(path, linked)
  }
  for await (const { name } of dir) {
    paths.push(join(directory, name))
    if (paths.length === atOnce) await count()
  }
  await count()
  return bytes
}

/** Undefined for a directory. */
async function bytesOf(path: string, linked: Set<string>): Promise<number | undefined> {
  const stat = await lstat(path).catch(ignoreAbsence)
  if (stat?.isDirectory()) return undefined
  if (!stat?.isFile()) return 0
  if (stat.nlink === 1) return stat.size
  const key = `${stat.dev}:${stat.ino}`
  if (linked.has(key)) return 0
  linked.add(key)
  return stat.size
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
