import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mountFileSystem, removeMount } from '../mounts.ts'

/** A controller that only version 1 has: its hierarchy may stand beside one of version 2. */
const controllers = 'net_cls,net_prio'
/** Tries to make a directory whose parent another engine may be removing. */
const attempts = 10

/**
 * Control groups that say of which class packets are: `meta cgroup` in nftables, `cgroup` in tc.
 *
 * Each engine mounts the one hierarchy of the kernel in a place of its own, for as long as it has groups there: no
 * runtime finds it, none depends on it.
 *
 * @source Documentation/admin-guide/cgroup-v1/net_cls.rst
 */
export class NetClasses {
  readonly #mountPoint: string

  /** @param mountPoint  a directory of the engine's own; made when it is needed */
  constructor(mountPoint: string) {
    this.#mountPoint = mountPoint
  }

  /** Whether the kernel has such groups, whatever its other control groups are. */
  get supported(): boolean {
    return /^net_cls\s+\d+\s+\d+\s+1$/m.test(readFileSync('/proc/cgroups', 'utf8'))
  }

  /**
   * Makes a group of a class, and puts a process into it. Safe to call at any time, any number of times.
   *
   * @param path     from the root of the hierarchy
   * @param classId  1–0xffffffff: the major number in the upper 16 bits, the minor in the lower
   */
  ensure(path: string, classId: number, pid: number): void {
    if (!this.#mounted) {
      mkdirSync(this.#mountPoint, { recursive: true, mode: 0o700 })
      mountFileSystem('cgroup', this.#mountPoint, { options: controllers })
    }
    const dir = join(this.#mountPoint, path)
    makeGroup(dir)
    writeFileSync(join(dir, 'net_cls.classid'), `${classId}`)
    writeFileSync(join(dir, 'cgroup.procs'), `${pid}`)
  }

  /**
   * Enters a group with this thread, until that is disposed of: a program started meanwhile is born in it. Undefined
   * when there is no such group. Nothing asynchronous may happen in between.
   */
  enter(path: string): Disposable | undefined {
    const dir = join(this.#mountPoint, path)
    if (!existsSync(join(dir, 'tasks'))) return undefined
    const home = /^\d+:net_cls[^:]*:(.*)$/m.exec(readFileSync('/proc/thread-self/cgroup', 'utf8'))?.[1] ?? '/'
    writeFileSync(join(dir, 'tasks'), '0') // whoever writes it
    return { [Symbol.dispose]: () => writeFileSync(join(this.#mountPoint, home, 'tasks'), '0') }
  }

  /**
   * Removes a group, and with the last one what was mounted for it. Absent is success.
   *
   * @returns false while it has processes
   */
  remove(path: string): boolean {
    if (!this.#mounted) return true
    if (!removeGroup(join(this.#mountPoint, path))) return false
    for (let parent = dirname(path); parent !== '/'; parent = dirname(parent)) {
      if (!removeGroup(join(this.#mountPoint, parent))) return true // of others, too
    }
    removeMount(this.#mountPoint)
    rmdirSync(this.#mountPoint)
    return true
  }

  get #mounted(): boolean {
    return existsSync(join(this.#mountPoint, 'cgroup.procs'))
  }
}

function makeGroup(dir: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(dir, { recursive: true })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === attempts) throw error
    }
  }
}

function removeGroup(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (['EBUSY', 'ENOTEMPTY'].includes(code)) return false
    throw error
  }
}
