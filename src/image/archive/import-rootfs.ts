import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rfc3339Now } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import { collect, type ImageParts } from '../collect.ts'
import { storedName } from '../find-image.ts'
import { digestOf, imageRecord, parseImageConfig } from '../image-config.ts'
import type { ImageRecord } from '../images.ts'
import { type Compression, decompressor } from '../layers/compression.ts'
import { hostPlatform, parsePlatform } from '../platform.ts'
import { parseReference } from '../references.ts'
import type { StagingArea } from '../staging.ts'
import { applyChanges } from './changes.ts'
import { peekCompression } from './peek.ts'

/** What `docker import` may say about the image it makes. */
export interface ImportOptions {
  readonly reference?: string
  readonly message?: string
  readonly changes: readonly string[]
  readonly platform?: string
}

/**
 * Makes an image of one layer from a root file system in a tar archive, compressed or not.
 *
 * @throws {EngineError} `invalid-argument` for the options, before the archive is read; `internal` for the archive
 */
export async function importRootfs(
  parts: ImageParts & { readonly staging: StagingArea },
  archive: Readable,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const tags = importTags(options.reference)
  const config = applyChanges({}, options.changes)
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform()

  const content: string[] = []
  await using undo = new AsyncDisposableStack()
  undo.defer(() => collect(parts, content))
  const staging = undo.use(parts.staging.create('import'))
  const path = join(staging.path, 'layer')
  await storeLayer(archive, path, signal)
  const layer = await parts.layers.ensure(
    { path },
    {
      signal,
      onVerified({ digest, diffId }) {
        content.push(digest, diffId)
        undo.use(parts.pins.hold([digest, diffId]))
      },
    },
  )
  parts.blobs.adopt(path, layer.digest)

  const created = rfc3339Now()
  const comment = options.message ?? ''
  const bytes = Buffer.from(
    JSON.stringify({
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant && { variant: platform.variant }),
      created,
      comment,
      config,
      history: [{ created, comment }],
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    }),
  )
  const id = digestOf(bytes)
  content.push(id)
  undo.use(parts.pins.hold([id]))
  await parts.blobs.put(bytes)
  signal.throwIfAborted()
  parts.table.put(imageRecord(id, parseImageConfig(bytes, 'new image'), [layer], { repoTags: tags, repoDigests: [] }))
  return parts.table.find(id)
}

function importTags(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  const reference = parseReference(text)
  if (reference.digest !== undefined) throw new EngineError('invalid-argument', 'cannot import digest reference')
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
