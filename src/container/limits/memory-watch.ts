import { rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { outOfMemoryFile, ranOutOfMemory } from '../process/exit-status.ts'

/**
 * Tells of each time that the kernel kills a process of a container for its memory, until that is disposed of; at once
 * when it did while nobody watched.
 *
 * The supervisor of the container sees it, whether an engine runs or not, and makes a file. `tell` writes down what it
 * hears before it returns: then the file is taken away, for the next time.
 */
export function watchMemory(runDir: string, tell: () => void): Disposable {
  const look = () => {
    if (!ranOutOfMemory(runDir)) return
    tell()
    rmSync(join(runDir, outOfMemoryFile), { force: true })
  }
  const watcher = watch(runDir, { persistent: false }, (_, name) => {
    if (name === outOfMemoryFile) look()
  })
  watcher.on('error', () => watcher.close()) // the directory went with its container
  look()
  return { [Symbol.dispose]: () => watcher.close() }
}
