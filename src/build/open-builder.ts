import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import { findProgram } from '../kernel/processes/find-program.ts'
import type { Networking } from '../network/networking.ts'
import type { BuildParts } from './build-image.ts'
import type { FindContainer } from './build-network.ts'
import { type BuildPlace, removePlace, storageDir, unfinishedBuilds } from './build-place.ts'
import { BuildTurns } from './build-turns.ts'
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
  const turns = new BuildTurns()
  let interrupted = false

  /** Working containers of builds that were killed; those of builds under way look the same, so nobody may build. */
  const tidyUp = async () => {
    if (!interrupted) return
    await turns.tidy(async () => {
      interrupted = false
      await removeLeft(() => removeWorkingContainers(parts), log)
    })
  }
  return {
    async build(request, context, report, signal) {
      requireBuildah()
      const { buildImage } = await import('./build-image.ts') // most engines build nothing
      const stop = AbortSignal.any([signal, closing.signal])
      try {
        return (await turns.build(() => buildImage(parts, request, context, report, stop))).id
      } catch (error) {
        interrupted = true
        throw error
      } finally {
        await tidyUp()
      }
    },
    cache: () => cacheEntries(storage, turns.isBuilding),
    prune: async (before) => (await turns.tidy(() => pruneCache(parts, before))) ?? { deleted: [], reclaimed: 0 },
    async recover() {
      const unfinished = unfinishedBuilds(places)
      if (unfinished.length === 0) return
      log.info('interrupted builds are swept', { builds: unfinished.length })
      void turns.tidy(() => removeLeft(() => sweep(parts, unfinished), log))
    },
    async close() {
      closing.abort(new EngineError('unavailable', 'the engine ends'))
      await turns.settled()
    },
  }
}

async function removeLeft(work: () => Promise<void>, log: Log): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warn('cannot remove what an interrupted build left', { error: (error as Error).message })
  }
}

/** The files may be many: the engine starts meanwhile, and builds wait. */
async function sweep(parts: BuildParts, unfinished: readonly BuildPlace[]): Promise<void> {
  for (const place of unfinished) await removePlace(place)
  await removeWorkingContainers(parts)
}

/** @throws {EngineError} `not-implemented`, with what to do */
function requireBuildah(): void {
  if (findProgram('buildah') !== undefined) return
  throw new EngineError('not-implemented', 'Cannot build: buildah is not installed; install the package "buildah"')
}
