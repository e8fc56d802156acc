import { existsSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { BuildParts } from '../build-image.ts'
import type { CacheEntry } from '../builder.ts'
import { cacheEntries } from './entries.ts'
import { runBuildah, withTools } from './working-containers.ts'

/**
 * Empties the build cache. Nobody may build meanwhile.
 *
 * @param before  milliseconds since 1970: what came later stays
 */
export async function pruneCache(
  parts: BuildParts,
  before: number | undefined,
): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }> {
  const entries = cacheEntries(parts.storage, false)
  const bytes = layerBytes(parts)
  const old = before === undefined ? entries : entries.filter(({ created }) => Date.parse(created) < before)
  if (old.length === 0) return { deleted: [], reclaimed: 0 }
  if (old.length === entries.length) await removeStorage(parts)
  else await removeOld(parts, old.toReversed())
  const left = new Set(parts.storage.images().map(({ id }) => id))
  const gone = old.filter(({ id }) => !left.has(id))
  // Layers of an image that went stay for those that stand on it.
  return { deleted: gone.map(({ id }) => id), reclaimed: bytes - layerBytes(parts) }
}

function layerBytes({ storage }: BuildParts): number {
  return storage
    .layerSizes()
    .values()
    .reduce((sum, size) => sum + size, 0)
}

/** The newest first: an image goes only when nothing stands on it. What is still needed stays, and is counted below. */
async function removeOld(parts: BuildParts, entries: readonly CacheEntry[]): Promise<void> {
  const args = ['rmi', '--force', ...entries.map(({ id }) => id)]
  await withTools(parts, (tools) => runBuildah(tools, args)).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error
  })
}

/** Out of sight at once; a crash while the files go leaves them where the next start sweeps. */
async function removeStorage({ storage, places }: BuildParts): Promise<void> {
  if (!existsSync(storage.root)) return
  const gone = join(places.dir, 'work', `gone-${Date.now()}`)
  renameSync(storage.root, gone)
  await rm(gone, { recursive: true, force: true, maxRetries: 2 })
}
