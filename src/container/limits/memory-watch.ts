import { type FSWatcher, rmSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { countMemoryKills } from '../../kernel/cgroups/memory-events.ts'
import { outOfMemoryFile, ranOutOfMemory } from '../process/exit-status.ts'

/** What there is to watch of one run of a container. */
export interface MemoryPlace {
  readonly runDir: string
  /** Where version 2 of control groups counts; undefined for version 1. */
  readonly eventsFile: string | undefined
  /** The present run has been told of already: what was counted before is no news. */
  readonly told: boolean
}

/**
 * Hears of each time that the kernel kills a process of a container for its memory, until that is disposed of; at once
 * when it did while nobody watched. What cannot be watched is told at the last `look`, when the container has ended.
 *
 * With version 1 the container's supervisor makes a file, whether an engine runs or not; it is taken away when `tell`,
 * which writes down what it hears, returns. With version 2 the supervisor gives up too early (it stops at the first
 * event that is no kill), but the kernel itself counts.
 */
export class MemoryWatch {
  readonly #place: MemoryPlace
  readonly #tell: () => void
  readonly #watcher: FSWatcher | undefined
  /** Kills that were told. */
  #seen: number

  constructor(place: MemoryPlace, log: Log, tell: () => void) {
    this.#place = place
    this.#tell = tell
    const { eventsFile, told, runDir } = place
    this.#seen = told && eventsFile !== undefined ? (countMemoryKills(eventsFile) ?? 1) : 0
    this.#watcher = openWatcher(eventsFile ?? runDir, eventsFile ? basename(eventsFile) : outOfMemoryFile, log, () =>
      this.look(),
    )
    this.look()
  }

  /** Tells when there is news. */
  look(): void {
    const { runDir, eventsFile } = this.#place
    if (eventsFile !== undefined) {
      const kills = countMemoryKills(eventsFile) ?? (ranOutOfMemory(runDir) ? 1 : 0)
      if (kills <= this.#seen) return
      this.#seen = kills
      this.#tell()
    } else if (ranOutOfMemory(runDir)) {
      this.#tell()
      rmSync(join(runDir, outOfMemoryFile), { force: true })
    }
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
  }
}

function openWatcher(path: string, name: string, log: Log, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, (_, changed) => {
      if (changed === name) look()
    })
    return watcher.on('error', () => watcher.close()) // what is watched went with its container
  } catch (error) {
    // After a restart of the machine there is nothing to watch, and nothing runs any more.
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined
    log.warn('cannot watch for memory that runs out: it is told when the container ends', { path, error })
    return undefined
  }
}
