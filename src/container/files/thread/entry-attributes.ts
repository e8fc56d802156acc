import { chmodSync, chownSync, constants, fstatSync, lchownSync, openSync } from 'node:fs'
import { EngineError } from '../../../base/errors.ts'
import { Descriptor } from '../../../kernel/descriptors.ts'
import { nodeTypes } from '../../../kernel/files/file-nodes.ts'
import { setFileTimes } from '../../../kernel/files/file-times.ts'
import { overlayAttributes } from '../../../kernel/files/overlay-marks.ts'
import { O_PATH } from '../../../kernel/files/rooted-files.ts'
import { setXattrOf } from '../../../kernel/files/xattrs.ts'
import type { TarEntry } from '../../../wire/tar/tar-entry.ts'
import { type EntryPlace, shownPath } from './entry-place.ts'
import { calling, isCode } from './file-failure.ts'

const typeBits: Readonly<Record<string, number>> = {
  0: 0o100000,
  3: nodeTypes.character,
  4: nodeTypes.block,
  5: 0o040000,
  6: nodeTypes.fifo,
}
/** The highest number that is somebody: the next one means "nobody is asked for". */
const highestId = 0xfffffffe

/**
 * Gives what was made its owner, mode and extended attributes.
 *
 * It is opened as what it is before: where somebody has put something else in its place, that does not get them.
 *
 * @param at  the place, in an open directory
 * @param file  a regular file that is open already
 */
export function setAttributes(at: Buffer, entry: TarEntry, { path }: EntryPlace, file?: Descriptor): void {
  const { uid, gid, mode, type } = entry
  const shown = shownPath(path)
  if (uid > highestId || gid > highestId) throw new EngineError('invalid-argument', `lchown ${shown}: invalid argument`)
  if (type === '2') {
    calling('lchown', shown, () => lchownSync(at, uid, gid))
    return
  }
  using own = file
    ? undefined
    : calling('open', shown, () => new Descriptor(openSync(at, O_PATH | constants.O_NOFOLLOW)))
  const opened = file ?? own!
  if ((fstatSync(opened.fd).mode & 0o170000) !== typeBits[type]) {
    throw new EngineError('conflict', `chmod ${shown}: something else is there by now`)
  }
  setOwnerAndMode(opened.fd, { uid, gid, mode }, shown)
  for (const [name, value] of entry.xattrs) setOneXattr(opened.fd, name, value)
}

/** Sets the times of what is there, of a link its own. */
export function setTimes(at: Buffer, mtimeNs: bigint): void {
  setFileTimes(at, { atimeNs: mtimeNs, mtimeNs })
}

/** A change of the owner takes the set-user-ID bit and capabilities away, so it comes first. */
function setOwnerAndMode(
  fd: number,
  { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number },
  shown: string,
): void {
  const path = `/proc/self/fd/${fd}`
  calling('lchown', shown, () => chownSync(path, uid, gid))
  calling('chmod', shown, () => chmodSync(path, mode))
}

/** What the file system does not take is left out, as with Docker. Nobody speaks to overlayfs but itself. */
function setOneXattr(fd: number, name: string, value: Buffer): void {
  if (name.startsWith(overlayAttributes)) return
  try {
    setXattrOf(fd, name, value)
  } catch (error) {
    if (!isCode(error, 'EOPNOTSUPP', 'ENOTSUP', 'EPERM')) throw error
  }
}
