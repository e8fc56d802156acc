import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { EngineError } from '../../../base/errors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { makeNode, type nodeTypes } from '../../../kernel/files/file-nodes.ts'
import type { RootedFiles } from '../../../kernel/files/rooted-files.ts'
import type { TarEntry } from '../../../wire/tar/tar-entry.ts'
import { directoryFlags } from './ensure-directory.ts'
import { type EntryPlace, placeOf, shownPath } from './entry-place.ts'
import { calling } from './file-failure.ts'

const nodes: Readonly<Record<string, keyof typeof nodeTypes>> = { 3: 'character', 4: 'block', 6: 'fifo' }

/**
 * Makes anything but a regular file, where nothing is.
 *
 * @param at  the place, in an open directory
 * @throws {EngineError} `invalid-argument` for a hard link that leads out, and for what is no kind of file
 */
export function makeEntry(
  at: Buffer,
  entry: TarEntry,
  place: EntryPlace,
  within: { readonly root: RootedFiles; readonly destination: string },
): void {
  const path = shownPath(place.path)
  const node = nodes[entry.type]
  if (entry.type === '5') calling('mkdir', path, () => mkdirSync(at, 0o700))
  else if (entry.type === '2') calling('symlink', path, () => symlinkSync(entry.linkName, at))
  else if (entry.type === '1') makeHardLink(at, entry, place, within)
  else if (node !== undefined) {
    const device = { major: entry.deviceMajor, minor: entry.deviceMinor }
    calling('mknod', path, () => makeNode(at, node, 0o600, device))
  } else throw new EngineError('invalid-argument', `unhandled tar header type ${entry.type.charCodeAt(0)}`)
}

function makeHardLink(
  at: Buffer,
  { linkName }: TarEntry,
  { path }: EntryPlace,
  { root, destination }: { readonly root: RootedFiles; readonly destination: string },
): void {
  const outside = `invalid hardlink "${shownPath(path)}" -> "${linkName}"`
  const target = placeOf(destination, linkName, outside)
  if (target === undefined) throw new EngineError('invalid-argument', outside)
  calling('link', shownPath(target.path), () => {
    using directory = root.open(Buffer.from(target.parent, 'latin1'), directoryFlags)
    linkSync(pathIn(directory.fd, target.name), at)
  })
}
