import { type FSWatcher, linkSync, renameSync, statSync, watch } from 'node:fs'
import type { Log } from '../../base/log.ts'
import { inodeOf, keptName } from './log-files.ts'
import type { Logging } from './plan-logging.ts'

/** A file that grows is looked at again after this time, and not at each line. */
const restMs = 100

/** What is rotated, and how. */
export interface LogRotationInit {
  readonly path: string
  readonly logging: Logging
  readonly log: Log
  /** Makes conmon put a new, empty file in the place of the one that it writes. */
  reopen(): void
}

/**
 * Puts a running container's log aside when it is long enough: `log` to `log.1`, that to `log.2`, …
 *
 * The file that is written has a second name, `log.0`. conmon begins a new file when it is told to, or when it has
 * written more than it may (see `conmonLogLimit`); the old one is then left under that second name, and moves on from
 * there. So no line is lost while an engine looks, and the disk does not fill while none does.
 */
export class LogRotation implements Disposable {
  readonly #init: LogRotationInit
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(init: LogRotationInit) {
    this.#init = init
    this.#arm()
  }

  #arm(): void {
    const { path, log } = this.#init
    try {
      this.#watcher = watch(path, () => this.#rest())
      this.#watcher.on('error', () => this.#rest())
      this.#look() // what was written until the watch began
    } catch (error) {
      log.error('cannot rotate a log', { path, error })
    }
  }

  #rest(): void {
    this.#watcher?.close()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#arm(), restMs)
  }

  #look(): void {
    const { path, logging, reopen } = this.#init
    const { ino, size } = statSync(path)
    const kept = inodeOf(keptName(path))
    if (kept !== undefined && kept !== ino) this.#putAside()
    if (kept !== ino) linkSync(path, keptName(path))
    if (size >= logging.maxBytes) reopen()
  }

  /** From the oldest to the newest: one who reads meanwhile meets a file twice, but misses none. */
  #putAside(): void {
    const { path, logging } = this.#init
    for (let number = logging.maxFiles - 2; number >= 0; number--) {
      const from = `${path}.${number}`
      if (inodeOf(from) !== undefined) renameSync(from, `${path}.${number + 1}`)
    }
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
    clearTimeout(this.#timer)
  }
}

/** Whether there is anything to do: a single file is cut by conmon alone. */
export function isRotated({ maxBytes, maxFiles }: Logging): boolean {
  return maxBytes < Number.POSITIVE_INFINITY && maxFiles > 1
}

/**
 * Bytes after which conmon begins a new file by itself: the length of all files together, so that it comes to that only
 * while no engine looks.
 */
export function conmonLogLimit({ maxBytes, maxFiles }: Logging): number {
  return maxBytes * maxFiles
}
