import { EngineError } from '../../base/errors.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { Engine } from '../../engine/engine.ts'
import type { ContainerSummary } from '../../protocol/container-summary.ts'
import type { BuildCacheView, DiskUsage } from '../../protocol/disk-usage.ts'
import type { VolumeView } from '../../protocol/volume.ts'
import type { Routes } from '../parts.ts'
import { listOf, type Query } from '../query.ts'
import { isBefore } from '../versions.ts'
import { containerSummary, type SummaryContext } from '../views/container-summary.ts'
import { imageUsage, LayerUses } from '../views/image-usage.ts'
import { volumeView } from '../views/volume.ts'
import { containerSizes, imageIds, networkIds } from './look-ups.ts'

const kinds = ['container', 'image', 'volume', 'build-cache']

/** How many directory trees are measured together: the rest of the engine wants to read files, too. */
const atOnce = 4

/** `/system/df`. @source Docker Engine API v1.51, SystemDataUsage */
export const diskUsageRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/system/df', async ({ query, apiVersion }): Promise<DiskUsage> => {
    const old = isBefore(apiVersion, '1.42')
    const asked = old ? [] : listOf(query, 'type')
    const unknown = asked.find((kind) => !kinds.includes(kind))
    if (unknown !== undefined) throw new EngineError('invalid-argument', `unknown object type: ${unknown}`)
    const wants = (kind: string) => asked.length === 0 || asked.includes(kind)
    const uses = new LayerUses(engine.images.list())
    const cache = wants('build-cache') ? buildCache(engine, old) : null
    return {
      LayersSize: wants('image') ? uses.totalBytes : 0,
      Images: wants('image') ? images(engine, uses, apiVersion) : null,
      Containers: wants('container') ? await containers(engine, apiVersion) : null,
      Volumes: wants('volume') ? await volumes(engine) : null,
      BuildCache: cache,
      ...(old ? { BuilderSize: cache?.reduce((sum, { Size }) => sum + Size, 0) ?? 0 } : {}),
    }
  })
}

function images({ images: store, containers: all }: Engine, uses: LayerUses, version: string): DiskUsage['Images'] {
  const users = new Map<string, number>()
  for (const { imageId } of all.list()) users.set(imageId, (users.get(imageId) ?? 0) + 1)
  return store.list().map((image) => imageUsage(image, uses, users.get(image.id) ?? 0, version))
}

async function containers(engine: Engine, version: string): Promise<ContainerSummary[]> {
  const context: SummaryContext = {
    nowMs: Date.now(),
    version,
    networkId: networkIds(engine),
    imageId: imageIds(engine),
  }
  const newestFirst = engine.containers.list().toSorted((a, b) => (a.created < b.created ? 1 : -1))
  return eachOf(newestFirst, async (record: ContainerRecord) => ({
    ...containerSummary(record, engine.networks.sandboxOf(record.id), context),
    ...(await containerSizes(engine, record)),
  }))
}

/** Volumes with options are left out, as Docker does: their files are not on this host's disk, or somebody else's. */
async function volumes({ volumes: store }: Engine): Promise<VolumeView[]> {
  const own = store.list().filter(({ name }) => store.ownsFiles(name))
  return eachOf(own, async (volume) => ({
    ...volumeView(volume, store.pathOf(volume.name)),
    UsageData: { RefCount: store.usersOf(volume.name).length, Size: await store.bytes(volume.name).catch(ifGone) },
  }))
}

/** Somebody has removed it since. */
function ifGone(error: unknown): number {
  if (error instanceof EngineError && error.kind === 'not-found') return -1
  throw error
}

function buildCache({ builder }: Engine, old: boolean): BuildCacheView[] {
  return builder.cache().map(({ id, type, description, inUse, size, created }) => ({
    ID: id,
    ...(old ? { Parent: '' } : {}),
    Type: type,
    Description: description,
    InUse: inUse,
    Shared: false,
    Size: size,
    CreatedAt: created,
    LastUsedAt: null,
    UsageCount: 0,
  }))
}

async function eachOf<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < list.length; i += atOnce) {
    results.push(...(await Promise.all(list.slice(i, i + atOnce).map(work))))
  }
  return results
}
