import { isObject, list, parseObject, text } from '../../image/config/json.ts'
import type { CacheEntry } from '../builder.ts'
import type { BuildStorage } from './storage.ts'

/** What the build cache holds, the oldest first. Each layer's bytes are counted once, with the image that came first. */
export function cacheEntries(storage: BuildStorage, inUse: boolean): readonly CacheEntry[] {
  const sizes = new Map(storage.layerSizes())
  const images = storage.images().toSorted((a, b) => (a.created < b.created ? -1 : 1))
  return images.map(({ id, isBase, layer, created }) => {
    const size = sizes.get(layer) ?? 0
    sizes.delete(layer)
    return {
      id,
      type: isBase ? 'source.local' : 'regular',
      description: isBase ? `image ${id.slice(0, 12)}` : lastStep(storage, id),
      ...{ size, created, inUse },
    }
  })
}

function lastStep(storage: BuildStorage, id: string): string {
  const history = list(parseObject(storage.config(id), `the configuration of image ${id}`)['history'])
  const last = history.at(-1)
  return isObject(last) ? text(last['created_by']) : ''
}
