import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { hasCode } from '../../../base/errors.ts'
import { isOpaque } from '../../../kernel/files/overlay-marks.ts'
import type { FileChange } from '../job.ts'

/**
 * What a container has changed, from its upper directory: in the order of the names, a directory before what is in it.
 *
 * A directory is told when it, or something in it, is changed. Of one that was removed and made anew, what was in it
 * before is told as deleted.
 *
 * @param lower  what lies below, top first
 * @source Docker CLI reference, "docker container diff"; Documentation/filesystems/overlayfs.rst
 */
export function findChanges(upper: string, lower: readonly string[]): readonly FileChange[] {
  return changesIn(
    Buffer.from(upper),
    lower.map((path) => Buffer.from(path)),
    Buffer.of(),
  )
}

function changesIn(upper: Buffer, lower: readonly Buffer[], path: Buffer): FileChange[] {
  const hidden = path.length > 0 && isOpaque(upper) ? namesBelow(lower) : []
  const own = namesIn(upper)
  const known = new Set(own.map((name) => name.toString('latin1')))
  const gone = hidden.filter((name) => !known.has(name.toString('latin1')))
  return [...own, ...gone].sort(Buffer.compare).flatMap((name) => {
    const childPath = join(path, name)
    const stats = known.has(name.toString('latin1')) ? statOf(join(upper, name)) : undefined
    if (stats === undefined) return known.has(name.toString('latin1')) ? [] : [change('deleted', childPath)]
    return changesAt(
      join(upper, name),
      stats,
      childPath,
      lower.map((below) => join(below, name)),
    )
  })
}

/** What is told of one thing in the upper directory, and of all that is in it. */
function changesAt(upper: Buffer, stats: BigIntStats, path: Buffer, lower: readonly Buffer[]): FileChange[] {
  if (stats.isCharacterDevice() && stats.rdev === 0n) return [change('deleted', path)]
  const before = visible(lower)
  const below = before.at(0)?.stats
  const merged = before.filter((found) => found.stats.isDirectory()).map((found) => found.path)
  const within = stats.isDirectory() ? changesIn(upper, merged, path) : []
  if (below === undefined) return [change('added', path), ...within]
  const onlyCopied = stats.isDirectory() && below.isDirectory() && isSame(stats, below) && within.length === 0
  return onlyCopied ? [] : [change('modified', path), ...within]
}

/** What of one path the layers below show: the topmost, and, of directories, those that it is merged with. */
function visible(lower: readonly Buffer[]): { readonly path: Buffer; readonly stats: BigIntStats }[] {
  const found: { readonly path: Buffer; readonly stats: BigIntStats }[] = []
  for (const path of lower) {
    const stats = statOf(path)
    if (stats === undefined) continue
    if (stats.isCharacterDevice() && stats.rdev === 0n) break
    if (found.length > 0 && !stats.isDirectory()) break
    found.push({ path, stats })
    if (!stats.isDirectory() || isOpaque(path)) break
  }
  return found
}

/** The names that a directory showed before it was hidden. */
function namesBelow(lower: readonly Buffer[]): Buffer[] {
  const names = new Map<string, boolean>()
  for (const directory of lower) {
    for (const name of namesIn(directory)) {
      const key = name.toString('latin1')
      const stats = names.has(key) ? undefined : statOf(join(directory, name))
      if (stats !== undefined) names.set(key, !(stats.isCharacterDevice() && stats.rdev === 0n))
    }
  }
  return [...names].filter(([, isThere]) => isThere).map(([key]) => Buffer.from(key, 'latin1'))
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.mode === other.mode && one.uid === other.uid && one.gid === other.gid && one.mtimeNs === other.mtimeNs
}

function namesIn(directory: Buffer): Buffer[] {
  try {
    return readdirSync(directory, { encoding: 'buffer' })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

function statOf(path: Buffer): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name])
}

function change(kind: FileChange['kind'], path: Buffer): FileChange {
  return { kind, path: path.toString('utf8') }
}
