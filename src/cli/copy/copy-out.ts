import { lstatSync, readlinkSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { openArchive, statPath } from '../../client/files.ts'
import { renameEntries } from '../../client/rename-entries.ts'
import type { Transport } from '../../client/transport.ts'
import { hasGoMode } from '../../protocol/files.ts'
import { ExitError } from '../errors.ts'
import { chain } from './chain.ts'
import { unpackLocal } from './local-archive.ts'
import { type CopyEnd, keepEnding, planCopy, splitPath } from './plan-copy.ts'

/** A path of a container. */
export interface CopyOut {
  readonly container: string
  readonly source: string
  /** A link to what it leads to, else the link itself. */
  readonly follow: boolean
}

/** Opens an archive of a path, under the name that the user wrote. */
export async function openSource(
  transport: Transport,
  { container, source, follow }: CopyOut,
): Promise<{ readonly name: string; readonly isDirectory: boolean; readonly archive: Readable }> {
  const link = follow ? await statPath(transport, container, source) : undefined
  const path = link?.linkTarget ? keepEnding(link.linkTarget, source) : source
  const { stat, content } = await openArchive(transport, container, path)
  const { name } = splitPath(posix.join('/', source) === '/' ? '/' : keepEnding(posix.join('/', source), source))
  const packed = splitPath(posix.join('/', path) === '/' ? '/' : keepEnding(posix.join('/', path), path)).name
  const archive = packed === name ? content : chain(content, renameEntries(packed, name))
  return { name, isDirectory: hasGoMode(stat.mode, 'directory'), archive }
}

/** Copies a path of a container to a local one. @throws {ExitError} 1 in Docker's words */
export async function copyOut(
  transport: Transport,
  copy: CopyOut,
  target: string,
  count: (archive: Readable) => Readable,
): Promise<void> {
  const path = keepEnding(resolve(target), target)
  checkParent(path, target)
  const { name, isDirectory, archive } = await openSource(transport, copy)
  try {
    const plan = planCopy({ name, isDirectory }, { path, found: findLocal(path) })
    const counted = count(archive)
    const { rename } = plan
    await unpackLocal(plan.directory, rename ? chain(counted, renameEntries(rename.from, rename.to)) : counted)
  } finally {
    archive.destroy()
  }
}

/** @throws {ExitError} `invalid output path: directory "x" does not exist` */
function checkParent(path: string, written: string): void {
  const { directory } = splitPath(path)
  if (findLocal(directory)?.isDirectory) return
  throw new ExitError(1, `invalid output path: directory ${JSON.stringify(posix.dirname(written))} does not exist`)
}

/** What is at a local path, links followed, also one that leads nowhere yet. */
function findLocal(path: string, links = 10): CopyEnd | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isSymbolicLink()) return { path, isDirectory: stats.isDirectory() }
  if (links === 0) throw new ExitError(1, `too many symlinks in ${path}`)
  const next = resolve(posix.dirname(path), readlinkSync(path))
  return findLocal(next, links - 1) ?? { path: next, isDirectory: false }
}
