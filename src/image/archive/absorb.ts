import { join } from 'node:path'
import { digestOf, imageRecord, parseImageConfig } from '../config/image-config.ts'
import { hexOf } from '../config/manifest.ts'
import type { ImageAbsorption, ImageLayer, ImageRecord } from '../images.ts'
import { familiar, parseReference, withDefaultTag } from '../names/references.ts'
import { collect, type ImageParts } from '../removal/collect.ts'
import type { StagingArea } from '../staging.ts'
import { storedLayer } from './load.ts'

/**
 * Takes in an image that was made on this machine: its configuration, and those of its layers that are not here, which
 * are checked like any that come from elsewhere. All of it or none.
 *
 * @throws {EngineError} as `unpackLayer`, and for a configuration that is none
 */
export async function absorbImage(
  parts: ImageParts & { readonly staging: StagingArea },
  configBytes: Buffer,
  { tags, layers: fetch }: ImageAbsorption,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const config = parseImageConfig(configBytes, 'the configuration of the image')
  const id = digestOf(configBytes)
  const pinned = [id, ...config.diffIds]
  await using undo = new AsyncDisposableStack()
  undo.defer(() => collect(parts, pinned))
  undo.use(parts.pins.hold(pinned))
  const staging = undo.use(parts.staging.create('absorb'))
  const known = new Map<string, ImageLayer>()
  for (const diffId of config.diffIds) {
    const layer = storedLayer(parts, diffId)
    if (layer === undefined) continue
    known.set(diffId, layer)
    undo.use(parts.pins.hold([layer.digest]))
  }
  const missing = [...new Set(config.diffIds)].filter((diffId) => !known.has(diffId))
  const directory = staging.directory('layers')
  if (missing.length > 0) await fetch(missing, directory)
  for (const diffId of missing) {
    const path = join(directory, 'sha256', hexOf(diffId))
    known.set(diffId, await parts.layers.ensure({ path, digest: diffId, diffId }, { signal }))
    parts.blobs.adopt(path, diffId)
  }
  await parts.blobs.put(configBytes)
  signal.throwIfAborted()
  const repoTags = tags.map((tag) => familiar(withDefaultTag(parseReference(tag))))
  const layers = config.diffIds.map((diffId) => known.get(diffId)!)
  parts.table.put(imageRecord(id, config, layers, { repoTags, repoDigests: [] }))
  return parts.table.find(id)
}
