import type { Readable } from 'node:stream'
import { rfc3339Now } from '../../base/clock.ts'
import { hostPlatform, parsePlatform } from '../config/platform.ts'
import type { ImageRecord } from '../images.ts'
import { applyChanges } from './changes.ts'
import { NewImage, type NewImageParts, newTags } from './new-image.ts'

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
  parts: NewImageParts,
  archive: Readable,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const tags = newTags(options.reference, 'import')
  const config = applyChanges({}, options.changes)
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform()
  await using image = new NewImage(parts, signal)
  const layer = await image.addLayer(archive)
  const created = rfc3339Now()
  const comment = options.message ?? ''
  const document = {
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant && { variant: platform.variant }),
    created,
    comment,
    config,
    history: [{ created, comment }],
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  }
  return await image.finish(document, [layer], tags)
}
