import { linkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { digestOf, imageRecord, parseImageConfig } from '../config/image-config.ts'
import type { ImageLayer, ImageRecord, ProgressLine } from '../images.ts'
import { layerId, progressLine, throttled } from '../progress.ts'
import { collect, type ImageParts } from '../removal/collect.ts'
import type { Staging, StagingArea } from '../staging.ts'
import { type ArchiveFile, type ArchiveImage, readArchiveIndex } from './archive-index.ts'
import { type OpenArchive, openArchive } from './open-archive.ts'

/** One load under way. */
interface Load {
  readonly parts: ImageParts
  readonly archive: OpenArchive
  readonly staging: Staging
  readonly report: (line: ProgressLine) => void
  readonly signal: AbortSignal
  /** Layers that came with this archive, by diff id: its images may share them. */
  readonly loaded: Map<string, ImageLayer>
  /** Says that work under way needs this content. */
  pin(...digests: readonly string[]): void
}

/**
 * Brings the images of an archive in: all of them, or, when one cannot be read, none.
 *
 * @returns names, and ids of images that have none, in the archive's order
 * @throws {EngineError} `invalid-argument` for the archive; `internal` for a layer that is not what it should be
 */
export async function loadImages(
  parts: ImageParts & { readonly staging: StagingArea },
  source: Readable,
  report: (line: ProgressLine) => void,
  signal: AbortSignal,
): Promise<readonly ImageRecord[]> {
  const pinned: string[] = []
  await using undo = new AsyncDisposableStack()
  undo.defer(() => collect(parts, pinned))
  const staging = undo.use(parts.staging.create('load'))
  const archive = await openArchive(source, staging.directory('archive'), signal)
  const pin = (...digests: readonly string[]) => {
    pinned.push(...digests)
    undo.use(parts.pins.hold(digests))
  }
  const load: Load = { parts, archive, staging, report, signal, pin, loaded: new Map() }
  const records: ImageRecord[] = []
  for (const image of readArchiveIndex(archive.read)) records.push(await loadImage(load, image))
  signal.throwIfAborted()
  for (const record of records) store(parts, record, report)
  return records
}

function store({ table }: ImageParts, record: ImageRecord, report: (line: ProgressLine) => void): void {
  for (const { id, repoTags } of table.put(record))
    for (const tag of repoTags.filter((name) => record.repoTags.includes(name)))
      report({
        stream: `The image ${tag} already exists, renaming the old one with ID ${id} to empty string\n`,
      })
  for (const tag of record.repoTags) report({ stream: `Loaded image: ${tag}\n` })
  if (record.repoTags.length === 0) report({ stream: `Loaded image ID: ${record.id}\n` })
}

async function loadImage(load: Load, image: ArchiveImage): Promise<ImageRecord> {
  const { parts, archive } = load
  const bytes = archive.read(image.config.path)
  if (bytes === undefined) throw missing(image.config.path)
  const id = digestOf(bytes)
  if (image.config.digest !== undefined && image.config.digest !== id)
    throw new EngineError('internal', `image config verification failed for digest ${image.config.digest}`)
  const config = parseImageConfig(bytes, image.config.path)
  if (config.diffIds.length !== image.layers.length)
    throw new EngineError('invalid-argument', 'invalid manifest, layers length mismatch')
  load.pin(id, ...config.diffIds)
  const layers: ImageLayer[] = []
  for (const [index, file] of image.layers.entries()) layers.push(await loadLayer(load, file, config.diffIds[index]!))
  await parts.blobs.put(bytes)
  return imageRecord(id, config, layers, { repoTags: image.tags, repoDigests: [] })
}

async function loadLayer(load: Load, file: ArchiveFile, diffId: string): Promise<ImageLayer> {
  const { parts, archive, staging, report, signal } = load
  const here = load.loaded.get(diffId) ?? storedLayer(parts, diffId)
  if (here) {
    load.pin(here.digest)
    return here
  }
  const path = archive.file(file.path)
  if (path === undefined) throw missing(file.path)
  const { size } = statSync(path)
  const onRead = throttled(100, (bytes: number) =>
    report(progressLine('Loading layer', layerId(diffId), Math.min(bytes, size), size)),
  )
  const source = { path, diffId, ...(file.digest !== undefined && { digest: file.digest }) }
  const layer = await parts.layers.ensure(source, { signal, onRead, onVerified: ({ digest }) => load.pin(digest) })
  report(progressLine('Loading layer', layerId(diffId), size, size))
  // A second image of the archive may name the same file.
  const link = join(staging.path, 'blob')
  linkSync(path, link)
  parts.blobs.adopt(link, layer.digest)
  load.loaded.set(diffId, layer)
  return layer
}

/** A layer that some image has, when its blob and its files are here. */
export function storedLayer({ table, blobs, layers }: ImageParts, diffId: string): ImageLayer | undefined {
  const known = table.list().flatMap((image) => image.layers.filter((layer) => layer.diffId === diffId))
  return known.find((layer) => blobs.has(layer.digest) && layers.isWhole(diffId))
}

function missing(path: string): EngineError {
  return new EngineError('invalid-argument', `Cannot load image: the archive lacks "${path}"`)
}
