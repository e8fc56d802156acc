import type { Readable } from 'node:stream'
import { rfc3339Now } from '../../base/clock.ts'
import { endOfArchive } from '../../wire/tar/render-entry.ts'
import { digestOf } from '../config/image-config.ts'
import { isObject, list, parseObject } from '../config/json.ts'
import type { CommitImageOptions, ImageRecord } from '../images.ts'
import { contentOf } from '../removal/collect.ts'
import { applyChanges } from './changes.ts'
import { NewImage, type NewImageParts, newTags } from './new-image.ts'

/** The digest of an archive with nothing in it: two blocks of zeros. */
const emptyLayer = digestOf(endOfArchive)

/** The image that was made, and the names it was given. */
export interface CommittedImage {
  readonly record: ImageRecord
  readonly given: readonly string[]
}

/**
 * Makes an image of another one and a layer above it. A layer with nothing in it adds none, only a line of history.
 *
 * @throws {EngineError} `invalid-argument` for the options, before the layer is read
 */
export async function commitImage(
  parts: NewImageParts,
  archive: Readable,
  options: CommitImageOptions,
  signal: AbortSignal,
): Promise<CommittedImage> {
  const { parent } = options
  const tags = newTags(options.reference, 'commit')
  const config = applyChanges(baseConfig(options), options.changes)
  await using image = new NewImage(parts, signal)
  image.hold(contentOf(parent))
  const layer = await image.addLayer(archive)
  const isEmpty = layer.diffId === emptyLayer
  const layers = isEmpty ? parent.layers : [...parent.layers, layer]
  const document = {
    architecture: parent.architecture,
    os: parent.os,
    ...(parent.variant && { variant: parent.variant }),
    ...historyOf(parts, options, isEmpty),
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }
  return { record: await image.finish(document, layers, tags), given: tags }
}

/** A new entrypoint drops the command, unless there is a new one too, as in a Dockerfile. */
function baseConfig({ config, changes }: CommitImageOptions): CommitImageOptions['config'] {
  if (!changes.some((change) => /^\s*entrypoint\s/im.test(change))) return config
  const { Cmd: _, ...rest } = config
  return rest
}

/** The steps of the parent as its own document has them, and one more. */
function historyOf({ blobs }: NewImageParts, options: CommitImageOptions, isEmpty: boolean): object {
  const { parent, author, comment, createdBy } = options
  const created = rfc3339Now()
  const before = list(parseObject(blobs.read(parent.id), 'parent image')['history']).filter(isObject)
  const step = {
    created,
    ...(author && { author }),
    created_by: createdBy,
    ...(comment && { comment }),
    ...(isEmpty && { empty_layer: true }),
  }
  return { created, author, comment, history: [...before, step] }
}
