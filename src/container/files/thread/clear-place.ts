import { constants, fstatSync, lstatSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { EngineError } from '../../../base/errors.ts'
import { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { type EntryPlace, shownPath } from './entry-place.ts'
import { calling } from './file-failure.ts'

/**
 * Makes room for something of an archive: what is there is removed, but a directory stays where one is to be.
 *
 * @param at  the place, in an open directory
 * @param keepsKinds  refuse to put a file in the place of a directory, and the other way round
 * @returns whether a directory has stayed
 * @throws {EngineError} `invalid-argument` in Docker's words; `internal` when something is mounted there
 */
export function clearPlace(
  at: Buffer,
  { path }: EntryPlace,
  wish: { readonly isDirectory: boolean; readonly keepsKinds: boolean; readonly destination: string },
): boolean {
  const found = lstatSync(at, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (found.isDirectory() && wish.isDirectory) return true
  if (wish.keepsKinds && found.isDirectory() !== wish.isDirectory) {
    const [there, wanted] = wish.isDirectory ? ['non-directory', 'directory'] : ['directory', 'non-directory']
    const places = `"${shownPath(path)}" with ${wanted} "${shownPath(wish.destination)}"`
    throw new EngineError('invalid-argument', `cannot overwrite ${there} ${places}`)
  }
  calling('unlinkat', shownPath(path), () => removeAll(at))
  return false
}

/** Removes a tree by open directories: no link leads it elsewhere, and what is mounted in it is left alone. */
function removeAll(at: Buffer): void {
  if (!lstatSync(at).isDirectory()) {
    unlinkSync(at)
    return
  }
  removeContent(at)
  rmdirSync(at)
}

function removeContent(at: Buffer): void {
  using directory = new Descriptor(openSync(at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW))
  const { dev } = fstatSync(directory.fd)
  for (const name of readdirSync(`/proc/self/fd/${directory.fd}`, { encoding: 'buffer' })) {
    const child = pathIn(directory.fd, name)
    const stats = lstatSync(child)
    // Removing the mount point would be refused, but what is in the mount would be gone by then.
    if (stats.isDirectory() && stats.dev !== dev) rmdirSync(child)
    else removeAll(child)
  }
}
