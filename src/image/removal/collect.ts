import type { BlobStore } from '../blob-store.ts'
import type { ImageTable } from '../image-table.ts'
import type { ImageRecord } from '../images.ts'
import type { LayerStore } from '../layers/layer-store.ts'
import type { Pins } from './pins.ts'

/** The parts that hold what images are made of. */
export interface ImageParts {
  readonly table: ImageTable
  readonly blobs: BlobStore
  readonly layers: LayerStore
  readonly pins: Pins
}

/** Digests of everything that an image is made of: its configuration, its blobs, its unpacked layers. */
export function contentOf(image: Pick<ImageRecord, 'id' | 'layers'>): readonly string[] {
  return [image.id, ...image.layers.flatMap(({ digest, diffId }) => [digest, diffId])]
}

/**
 * Removes those of `digests` that no image needs and no work under way holds.
 *
 * What is needed is decided, and taken out of the stores, before anything else can run: a pull that begins meanwhile
 * finds a layer whole or not at all.
 */
export async function collect(parts: ImageParts, digests: Iterable<string>): Promise<void> {
  const needed = new Set([...parts.table.list(), ...parts.table.kept()].flatMap(contentOf))
  const garbage = new Set([...digests].filter((digest) => !needed.has(digest) && !parts.pins.has(digest)))
  const removals = garbage.values().map((digest) => parts.layers.remove(digest))
  const underWay = [...removals]
  for (const digest of garbage) parts.blobs.remove(digest)
  await Promise.all(underWay)
}

/** Removes whatever no image needs: what an engine left that died in the middle of a pull. */
export async function collectAll(parts: ImageParts): Promise<void> {
  await collect(parts, [...parts.blobs.list(), ...parts.layers.list().map(({ diffId }) => diffId)])
}
