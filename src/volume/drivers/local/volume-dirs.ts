import { existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError, hasCode } from '../../../base/errors.ts'
import { isMountPoint, readMounts, removeMount } from '../../../kernel/mounts.ts'
import { copyTree } from '../../copy-tree.ts'

/** The directories of all volumes: `<dir>/<name>/_data`, and `_copy` while an image's files are on their way into it. */
export class VolumeDirs {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o701 })
  }

  dataOf(name: string): string {
    return join(this.#dir, name, '_data')
  }

  ensure(name: string): void {
    mkdirSync(join(this.#dir, name), { recursive: true, mode: 0o701 })
    mkdirSync(this.dataOf(name), { recursive: true, mode: 0o755 })
  }

  /**
   * Removes everything of a volume. Absent is success.
   *
   * @throws {EngineError} `conflict` when somebody has mounted something in it: its files are not the volume's
   */
  async remove(name: string): Promise<void> {
    this.unmount(name)
    const real = join(realpathSync(this.#dir), name)
    const inside = readMounts().find(({ target }) => target.startsWith(`${real}/`))
    if (inside !== undefined) throw new EngineError('conflict', `something is mounted at ${inside.target}`)
    await rm(join(this.#dir, name), { recursive: true, force: true })
  }

  isMounted(name: string): boolean {
    return isMountPoint(this.dataOf(name))
  }

  unmount(name: string): void {
    while (this.isMounted(name)) removeMount(this.dataOf(name))
  }

  /** Copies beside what is there, and takes its place. @param directory  a descriptor */
  async fillAtOnce(name: string, directory: number): Promise<void> {
    const copy = this.#copyOf(name)
    await rm(copy, { recursive: true, force: true })
    mkdirSync(copy, { mode: 0o755 })
    try {
      await copyTree(directory, copy)
      await rename(copy, this.dataOf(name)) // over an empty directory the kernel does this in one step
    } catch (error) {
      await rm(copy, { recursive: true, force: true })
      // Somebody on the host has put files there meanwhile: then it is not new any more.
      if (!hasCode(error, 'ENOTEMPTY')) throw error
    }
  }

  /** Takes away a copy that was not finished. */
  async removeHalfCopy(name: string): Promise<void> {
    await rm(this.#copyOf(name), { recursive: true, force: true })
  }

  /** Removes the directories of volumes that were never recorded, where nothing is in them. @returns those that stay */
  removeStrangers(isKnown: (name: string) => boolean): string[] {
    const strangers = readdirSync(this.#dir).filter((name) => !isKnown(name))
    return strangers.filter((name) => {
      try {
        if (existsSync(this.dataOf(name))) rmdirSync(this.dataOf(name))
        rmdirSync(join(this.#dir, name))
        return false
      } catch (error) {
        if (hasCode(error, 'ENOTEMPTY', 'EBUSY', 'ENOTDIR')) return true
        throw error
      }
    })
  }

  /** @throws {EngineError} `internal` when somebody has removed the directory */
  check(name: string): void {
    if (existsSync(this.dataOf(name))) return
    const path = this.dataOf(name)
    throw new EngineError('internal', `error while mounting volume '${path}': stat ${path}: no such file or directory`)
  }

  #copyOf(name: string): string {
    return join(this.#dir, name, '_copy')
  }
}
