import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../base/errors.ts'
import { digestOf, imageRecord, parseImageConfig } from '../config/image-config.ts'
import type { ImageLayer, ImageRecord } from '../images.ts'
import { type Compression, decompressor } from '../layers/compression.ts'
import type { UnpackedLayer } from '../layers/unpack.ts'
import { storedName } from '../names/find-image.ts'
import { parseReference } from '../names/references.ts'
import { collect, type ImageParts } from '../removal/collect.ts'
import type { StagingArea } from '../staging.ts'
import { peekCompression } from './peek.ts'

/** What making an image needs. */
export interface NewImageParts extends ImageParts {
  readonly staging: StagingArea
}

/** An image being made. Leaving its scope removes what was made and what no image needs. */
export class NewImage implements AsyncDisposable {
  readonly #parts: NewImageParts
  readonly #signal: AbortSignal
  readonly #undo = new AsyncDisposableStack()
  readonly #content: string[] = []

  constructor(parts: NewImageParts, signal: AbortSignal) {
    this.#parts = parts
    this.#signal = signal
    this.#undo.defer(() => collect(parts, this.#content))
  }

  /** Keeps blobs and layers from the collector as long as this lives. */
  hold(digests: readonly string[]): void {
    this.#content.push(...digests)
    this.#undo.use(this.#parts.pins.hold(digests))
  }

  /** Stores and unpacks a layer. @throws {EngineError} `internal`, in Docker's words, for what is no archive */
  async addLayer(archive: Readable): Promise<UnpackedLayer> {
    const { staging, layers, blobs } = this.#parts
    const path = join(this.#undo.use(staging.create('layer')).path, 'layer')
    await storeLayer(archive, path, this.#signal)
    const layer = await layers.ensure(
      { path },
      { signal: this.#signal, onVerified: ({ digest, diffId }) => this.hold([digest, diffId]) },
    )
    blobs.adopt(path, layer.digest)
    return layer
  }

  /** Stores the configuration: from now on there is the image. @param document  as the OCI has it */
  async finish(document: object, layers: readonly ImageLayer[], repoTags: readonly string[]): Promise<ImageRecord> {
    const { blobs, table } = this.#parts
    const bytes = Buffer.from(JSON.stringify(document))
    const id = digestOf(bytes)
    this.hold([id])
    await blobs.put(bytes)
    this.#signal.throwIfAborted()
    table.put(imageRecord(id, parseImageConfig(bytes, 'new image'), layers, { repoTags, repoDigests: [] }))
    return table.find(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync()
  }
}

/**
 * The tags of a new image: one or none.
 *
 * @param verb  for the error: `import`
 * @throws {EngineError} `invalid-argument`
 */
export function newTags(text: string | undefined, verb: string): readonly string[] {
  if (text === undefined || text === '') return []
  const reference = parseReference(text)
  if (reference.digest !== undefined) throw new EngineError('invalid-argument', `cannot ${verb} digest reference`)
  return [storedName(reference)]
}

/** gzip and zstd stay as they are; what no OCI layer may be compressed with is stored plain. */
async function storeLayer(archive: Readable, path: string, signal: AbortSignal): Promise<void> {
  const { compression, stream } = await peekCompression(archive, signal)
  const asItIs: readonly Compression[] = ['none', 'gzip', 'zstd']
  const target = createWriteStream(path)
  if (asItIs.includes(compression)) await pipeline(stream, target, { signal })
  else await pipeline(stream, decompressor(compression), target, { signal })
}
