import { type FSWatcher, lstatSync, readlinkSync, realpathSync, watch } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** As many as the kernel follows. @source path_resolution(7) */
const longestChain = 40

/** What `FileWatch` watches, and whom it tells. */
export interface FileWatchParts {
  readonly paths: readonly string[]
  /** Something happened to one of them; often called several times for one change. */
  readonly onChange: () => void
  /** A directory that cannot be watched. */
  readonly onTrouble: (path: string, error: unknown) => void
}

/**
 * Hears of changes to files by whatever means: written in place, replaced by a rename, a link on the way turned
 * elsewhere. Directories are watched, because a replaced file is another one; and the files, because one that is
 * mounted here is written elsewhere.
 */
export class FileWatch implements Disposable {
  readonly #parts: FileWatchParts
  #watchers = new Map<string, FSWatcher>()
  /** Paths that could not be watched: told once. */
  readonly #troubled = new Set<string>()

  constructor(parts: FileWatchParts) {
    this.#parts = parts
    this.renew()
  }

  /** Looks where the names lead now; to be called after each change, before the files are read. */
  renew(): void {
    const wanted = new Map<string, Set<string>>()
    for (const path of this.#parts.paths) {
      for (const [directory, name] of placesOf(path))
        wanted.set(directory, (wanted.get(directory) ?? new Set()).add(name))
    }
    const before = this.#watchers
    this.#watchers = new Map()
    // All anew: what stands behind a name may be another directory, or another file, than before.
    for (const [directory, names] of wanted) this.#add(directory, (name) => name === null || names.has(name))
    for (const path of this.#parts.paths) this.#add(path, () => true)
    for (const watcher of before.values()) watcher.close()
  }

  #add(path: string, isOurs: (name: string | null) => boolean): void {
    try {
      const watcher = watch(path, { persistent: false }, (_, name) => {
        if (isOurs(name)) this.#parts.onChange()
      })
      watcher.on('error', (error) => this.#tellTrouble(path, error))
      this.#watchers.set(path, watcher)
    } catch (error) {
      // What is not there is looked for again when its directory tells, or at the next look.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#tellTrouble(path, error)
    }
  }

  #tellTrouble(path: string, error: unknown): void {
    if (this.#troubled.has(path)) return
    this.#troubled.add(path)
    this.#parts.onTrouble(path, error)
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}

/** The directories and names that a path leads through, link by link; the last one is that of the file itself. */
export function placesOf(path: string): readonly (readonly [directory: string, name: string])[] {
  const places: [string, string][] = []
  let next: string | undefined = resolve(path)
  while (next !== undefined && places.length < longestChain) {
    const directory = realDirectory(dirname(next))
    if (directory === undefined) break
    const name = basename(next)
    places.push([directory, name])
    const link = linkAt(join(directory, name))
    next = link === undefined ? undefined : resolve(directory, link)
  }
  return places
}

function realDirectory(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined // not there, or not to be seen
  }
}

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}
