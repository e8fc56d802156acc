import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import type { Networking } from '../network/networking.ts'
import { type BuildParts, buildImage } from './build-image.ts'
import type { FindContainer } from './build-network.ts'
import { type BuildPlace, removePlace, storageDir, unfinishedBuilds } from './build-place.ts'
import type { Builder } from './builder.ts'
import { cacheEntries } from './cache/entries.ts'
import { pruneCache } from './cache/prune.ts'
import { BuildStorage } from './cache/storage.ts'
import { removeWorkingContainers } from './cache/working-containers.ts'

/** What the builder is built from. */
export interface BuilderOptions {
  /** Its own directory. */
  readonly dir: string
  readonly cgroupParent: string
  readonly images: Images
  readonly networking: Networking
  readonly findContainer: FindContainer
  readonly runtime: string
  /** Where the engine's images are. */
  readonly imageDir: string
  readonly log: Log
}

/**
 * Opens the builder. buildah is looked for with the first build.
 *
 * ```
 * <dir>/storage       buildah's: images that builds begin with, and the results of steps
 * <dir>/work/<id12>   of builds under way; what is there at the start is a dead engine's
 * ```
 */
export function openBuilder(options: BuilderOptions): Builder {
  const { dir, cgroupParent, log } = options
  const places = { dir, cgroupParent }
  const storage = new BuildStorage(storageDir(places))
  const parts: BuildParts = { ...options, places, storage, locks: new KeyedLock() }
  const closing = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  /** Set while nobody builds: what follows an interrupted build, before the next one. */
  let cleaning: Promise<unknown> = Promise.resolve()
  let interrupted = false

  const tellLeft = (error: Error) => log.warn('cannot remove what an interrupted build left', { error: error.message })

  /** Working containers of a build that was killed; those of builds under way look the same, so these come first. */
  const cleanUp = () => {
    if (!interrupted || underWay.size > 0) return
    interrupted = false
    cleaning = removeWorkingContainers(parts).catch(tellLeft)
  }
  const track = async <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    try {
      return await work
    } catch (error) {
      interrupted = true
      throw error
    } finally {
      underWay.delete(work)
      cleanUp()
      await cleaning
    }
  }
  return {
    async build(request, context, report, signal) {
      requireBuildah()
      // Again and again: somebody else may have begun to clean when it was this one's turn.
      for (let seen: unknown; seen !== cleaning; await seen) seen = cleaning
      const stop = AbortSignal.any([signal, closing.signal])
      const { id } = await track(buildImage(parts, request, context, report, stop))
      return id
    },
    cache: () => cacheEntries(storage, underWay.size > 0),
    async prune(before) {
      for (let seen: unknown; seen !== cleaning; await seen) seen = cleaning
      if (underWay.size > 0) return { deleted: [], reclaimed: 0 }
      const pruning = pruneCache(parts, before)
      cleaning = pruning.catch(() => {}) // whoever asked hears of it
      return await pruning
    },
    async recover() {
      const unfinished = unfinishedBuilds(places)
      if (unfinished.length === 0) return
      log.info('interrupted builds are swept', { builds: unfinished.length })
      cleaning = sweep(parts, unfinished).catch(tellLeft)
    },
    async close() {
      closing.abort(new EngineError('unavailable', 'the engine ends'))
      await Promise.allSettled(underWay)
      for (let seen: unknown; seen !== cleaning; await seen) seen = cleaning
    },
  }
}

/** The files may be many: the engine starts meanwhile, and builds wait. */
async function sweep(parts: BuildParts, unfinished: readonly BuildPlace[]): Promise<void> {
  for (const place of unfinished) await removePlace(place)
  await removeWorkingContainers(parts)
}

/** @throws {EngineError} `not-implemented`, with what to do */
function requireBuildah(): void {
  const places = (process.env['PATH'] ?? '').split(':').filter((dir) => dir !== '')
  if (places.some((dir) => isProgram(join(dir, 'buildah')))) return
  throw new EngineError('not-implemented', 'Cannot build: buildah is not installed; install the package "buildah"')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not here, or not ours to run
  }
}
