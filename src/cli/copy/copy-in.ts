import { lstatSync, realpathSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { putArchive, statPath } from '../../client/files.ts'
import { renameEntries } from '../../client/rename-entries.ts'
import type { Transport } from '../../client/transport.ts'
import { hasGoMode } from '../../protocol/files.ts'
import { ExitError } from '../errors.ts'
import { chain } from './chain.ts'
import { packLocal } from './local-archive.ts'
import { type CopyEnd, keepEnding, planCopy, splitPath } from './plan-copy.ts'

/** A copy to a container. */
export interface CopyIn {
  readonly container: string
  readonly target: string
  readonly copyUidGid: boolean
  /** Told of every byte that is sent. */
  readonly count: (archive: Readable) => Readable
}

/** Unpacks an archive that somebody else has made. @throws {ExitError} unless it goes to a directory */
export async function copyArchive(transport: Transport, archive: Readable, copy: CopyIn): Promise<void> {
  const found = await findTarget(transport, copy.container, copy.target)
  if (!found?.isDirectory) {
    throw new ExitError(1, `destination "${copy.container}:${copy.target}" must be a directory`)
  }
  const { copyUidGid, container, count } = copy
  await putArchive(transport, container, count(archive), { path: found.path, copyUidGid })
}

/** Copies a local path. @param follow  a link to what it leads to, else the link itself */
export async function copyIn(transport: Transport, source: string, follow: boolean, copy: CopyIn): Promise<void> {
  const { container, target, copyUidGid, count } = copy
  const local = findSource(source, follow)
  const found = await findTarget(transport, container, target)
  const plan = planCopy({ name: local.name, isDirectory: local.isDirectory }, { path: target, found })
  const packed = packLocal(local.directory, local.packed)
  const own = local.packed === local.name ? packed : chain(packed, renameEntries(local.packed, local.name))
  const archive = plan.rename ? chain(own, renameEntries(plan.rename.from, plan.rename.to)) : own
  await putArchive(transport, container, count(archive), { path: plan.directory, copyUidGid })
}

/** What a path in a container leads to in the end; undefined when nothing is there. */
async function findTarget(transport: Transport, container: string, path: string): Promise<CopyEnd | undefined> {
  const first = await statPath(transport, container, path)
  if (first === undefined) return undefined
  const isLink = hasGoMode(first.mode, 'symlink')
  const last = isLink ? await statPath(transport, container, first.linkTarget) : first
  // A link to nowhere: what it leads to is what will be made.
  if (last === undefined) return { path: first.linkTarget, isDirectory: false }
  return { path: isLink ? first.linkTarget : path, isDirectory: hasGoMode(last.mode, 'directory') }
}

/** @throws {ExitError} `lstat x: no such file or directory` */
function findSource(source: string, follow: boolean) {
  const asked = keepEnding(resolve(source), source)
  const { directory, name } = splitPath(asked)
  try {
    const isDirectory = lstatSync(asked).isDirectory()
    if (!follow || !lstatSync(posix.join(directory, name)).isSymbolicLink()) {
      return { directory, name, packed: name, isDirectory }
    }
    const real = realpathSync(asked)
    return {
      directory: posix.dirname(real),
      name,
      packed: posix.basename(real),
      isDirectory: lstatSync(real).isDirectory(),
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ExitError(1, `lstat ${asked}: ${/^E\w+: (.*?), /.exec(message)?.[1] ?? code}`)
  }
}
