import { EngineError } from '../../base/errors.ts'
import { imagesOf } from '../../container/mounts/recorded-mounts.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkPlatform } from '../../image/config/check-platform.ts'
import type { ImageRecord } from '../../image/images.ts'
import type { PruneAnswer } from '../../protocol/answers.ts'
import type { ImageDeletion, ImageSummary } from '../../protocol/image.ts'
import {
  imageFilter,
  imageFilterNames,
  imagePruneFilter,
  imagePruneFilterNames,
  withWantedNames,
} from '../checks/image-filter.ts'
import { platformOf } from '../checks/platform.ts'
import { parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { imageHistory, imageInspect, imageSummary } from '../views/image.ts'
import { LayerUses } from '../views/image-usage.ts'
import { saveImages } from './image-save.ts'
import { pushImage } from './registries.ts'

interface NameRoute {
  readonly Params: { readonly '*': string }
  readonly Querystring: Query
}

/**
 * Images by name. A name has slashes, so that the whole rest of the path is taken and the verb cut off its end.
 *
 * @source Docker Engine API v1.51, Image
 */
export const imageRoutes: Routes = (app, parts) => {
  const { engine } = parts
  const { images } = engine
  app.get<{ Querystring: Query }>('/images/json', async ({ query, apiVersion }) =>
    listImages(engine, query, apiVersion),
  )

  app.get<NameRoute>('/images/*', async (request, reply) => {
    const { query, apiVersion } = request
    const { name, verb } = splitVerb(request.params['*'], ['json', 'history', 'get'])
    const find = (since: string) => {
      const image = images.find(name)
      checkPlatform(image, platformOf(query, apiVersion, since), name)
      return image
    }
    if (verb === 'json') return imageInspect(find('1.49'), apiVersion)
    if (verb === 'history') return imageHistory(find('1.48'))
    if (verb === 'get') return saveImages(engine, [name], platformOf(query, apiVersion, '1.48'), reply)
    return reply.callNotFound()
  })

  app.post<NameRoute>('/images/*', async (request, reply) => {
    const { params, query } = request
    const { name, verb } = splitVerb(params['*'], ['tag', 'push'])
    if (verb === 'push') return pushImage(parts, name, request, reply)
    if (verb !== 'tag') return reply.callNotFound()
    tagImage(engine, name, textOf(query, 'repo'), textOf(query, 'tag'))
    return reply.code(201).send()
  })

  app.delete<NameRoute>('/images/*', async ({ params, query }) =>
    images.remove(
      params['*'],
      { force: flagOf(query, 'force'), prune: !flagOf(query, 'noprune') },
      imagesInUse(engine),
    ),
  )

  app.post<{ Querystring: Query }>('/images/prune', async ({ query }) => {
    const filters = parseFilters(textOf(query, 'filters'), imagePruneFilterNames)
    return pruneImages(engine, imagePruneFilter(filters, Date.now()))
  })
}

/** The newest first. */
function listImages(engine: Engine, query: Query, version: string): ImageSummary[] {
  const { images } = engine
  const given = parseFilters(textOf(query, 'filters'), imageFilterNames)
  // The old form of the name filter, which clients before API 1.25 send.
  const old = textOf(query, 'filter')
  const filters = old === '' ? given : new Map([...given, ['reference', [old]]])
  const used = imagesInUse(engine)
  const uses = flagOf(query, 'shared-size') ? new LayerUses(images.list()) : undefined
  return images
    .list()
    .filter(imageFilter(filters, images))
    .toSorted((a, b) => (a.created < b.created ? 1 : -1))
    .map((image) => {
      const summary = imageSummary(withWantedNames(filters, image), used.get(image.id)?.length ?? 0, version)
      return uses === undefined ? summary : { ...summary, SharedSize: uses.sharedBytes(image) }
    })
}

/** `"library/busybox/json"` is the name `"library/busybox"` and the verb `"json"`. */
function splitVerb(path: string, verbs: readonly string[]): { readonly name: string; readonly verb: string } {
  const cut = path.lastIndexOf('/')
  const verb = path.slice(cut + 1)
  return cut > 0 && verbs.includes(verb) ? { name: path.slice(0, cut), verb } : { name: path, verb: '' }
}

function tagImage({ images }: Engine, name: string, repo: string, tag: string): void {
  if (repo === '') throw new EngineError('invalid-argument', 'invalid reference format')
  const target = tag === '' ? repo : `${repo}:${tag}`
  images.tag(name, target)
}

/** Which containers use each image, also as a mount. */
function imagesInUse({ containers }: Engine): Map<string, { containerId: string; running: boolean }[]> {
  const uses = new Map<string, { containerId: string; running: boolean }[]>()
  for (const record of containers.list()) {
    const running = ['running', 'paused', 'restarting'].includes(record.state.status)
    for (const imageId of imagesOf(record)) {
      const users = uses.get(imageId) ?? []
      users.push({ containerId: record.id, running })
      uses.set(imageId, users)
    }
  }
  return uses
}

/** Removes the images that `wanted` names and no container uses, as if each were removed by hand. */
async function pruneImages(engine: Engine, wanted: (image: ImageRecord) => boolean): Promise<PruneAnswer> {
  const { images } = engine
  const used = imagesInUse(engine)
  const before = layerSizes(images.list())
  const deleted: ImageDeletion[] = []
  for (const { id } of images.list().filter((image) => !used.has(image.id) && wanted(image)))
    deleted.push(...(await images.remove(id, { force: true, prune: true }, used)))
  const left = layerSizes(images.list())
  const bytes = [...before].reduce((sum, [layer, size]) => (left.has(layer) ? sum : sum + size), 0)
  engine.publish('image', 'prune', '', { reclaimed: String(bytes) })
  return { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: bytes }
}

/** Bytes on disk by layer; a layer of several images is there once. */
function layerSizes(images: readonly ImageRecord[]): ReadonlyMap<string, number> {
  return new Map(images.flatMap(({ layers }) => layers.map(({ diffId, unpackedSize }) => [diffId, unpackedSize])))
}
