import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, isErrno } from '../base/errors.ts'
import { RootedFiles } from '../kernel/files/rooted-files.ts'
import { isMountPoint, mountBind, removeMount } from '../kernel/mounts.ts'

/**
 * Files and directories inside of volumes, bound to places of their own: `<dir>/<user>/<key>`.
 *
 * A container may change a link in its volume at any moment, so that a path in there is looked up once, and held.
 */
export class ShownPaths {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /**
   * Shows `path` below `root`. Shown again, it is looked up again.
   *
   * @returns where
   * @throws {EngineError} `invalid-argument` when it is not there, or leads out
   */
  show(root: string, path: string, { user, key }: { readonly user: string; readonly key: string }): string {
    using files = new RootedFiles(root)
    using held = holdBeneath(files, root, path)
    const place = join(this.#dir, user, key)
    removePlace(place)
    mkdirSync(join(this.#dir, user), { recursive: true, mode: 0o700 })
    if (fstatSync(held.fd).isDirectory()) mkdirSync(place)
    else closeSync(openSync(place, 'w'))
    mountBind(`/proc/self/fd/${held.fd}`, place, { recursive: true })
    return place
  }

  /** Takes away all places of a user. Absent is success. */
  hide(user: string): void {
    const dir = join(this.#dir, user)
    if (!existsSync(dir)) return
    for (const key of readdirSync(dir)) removePlace(join(dir, key))
    rmdirSync(dir)
  }

  /** Whose places there are. */
  users(): string[] {
    return existsSync(this.#dir) ? readdirSync(this.#dir) : []
  }
}

/** Never by a recursive removal: it would follow the mount into the volume. */
function removePlace(place: string): void {
  while (isMountPoint(place)) removeMount(place)
  try {
    rmdirSync(place)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') unlinkSync(place)
    else if (code !== 'ENOENT') throw error
  }
}

function holdBeneath(files: RootedFiles, root: string, path: string) {
  try {
    return files.holdBeneath(path)
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) throw error
    const why = isErrno(error, 'EXDEV') ? 'path escapes the volume' : 'no such file or directory'
    throw new EngineError('invalid-argument', `cannot access path ${join(root, path)}: ${why}`, { cause: error })
  }
}
