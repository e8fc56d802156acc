import { type FSWatcher, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import { outOfMemoryFile, ranOutOfMemory } from '../process/exit-status.ts'

/**
 * Tells of each time that the kernel kills a process of a container for its memory, until that is disposed of; at once
 * when it did while nobody watched.
 *
 * The supervisor of the container sees it, whether an engine runs or not, and makes a file. `tell` writes down what it
 * hears before it returns: then the file is taken away, for the next time. What cannot be watched is only told when the
 * container has ended.
 */
export function watchMemory(runDir: string, log: Log, tell: () => void): Disposable {
  const look = () => {
    if (!ranOutOfMemory(runDir)) return
    tell()
    rmSync(join(runDir, outOfMemoryFile), { force: true })
  }
  const watcher = openWatcher(runDir, log, look)
  look()
  return { [Symbol.dispose]: () => watcher?.close() }
}

function openWatcher(runDir: string, log: Log, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(runDir, { persistent: false }, (_, name) => {
      if (name === outOfMemoryFile) look()
    })
    return watcher.on('error', () => watcher.close()) // the directory went with its container
  } catch (error) {
    // After a restart of the machine there is no directory, and nothing runs any more.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    log.warn('cannot watch for memory that runs out: it is told when the container ends', { runDir, error })
    return undefined
  }
}
