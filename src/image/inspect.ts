import type { ImageRecord } from './images.ts'

/** `GraphDriver` of an image's inspect. @source Docker Engine API v1.51, DriverData */
export interface GraphDriver {
  readonly Name: 'overlay2'
  readonly Data: Readonly<Record<string, string>>
}

/**
 * Where an image's layers lie, as Docker's overlay2 tells it.
 *
 * @param layerDirs  top first, as `Images.layerDirs` answers them
 */
export function graphDriver(layerDirs: readonly string[]): GraphDriver {
  const [top, ...below] = layerDirs
  return {
    Name: 'overlay2',
    Data: {
      ...(below.length > 0 && { LowerDir: below.join(':') }),
      ...(top !== undefined && { UpperDir: top }),
    },
  }
}

/** `RootFS` of an image's inspect: its layers by their diff ids, bottom first. */
export function rootFs({ layers }: ImageRecord): { readonly Type: 'layers'; readonly Layers: readonly string[] } {
  return { Type: 'layers', Layers: layers.map(({ diffId }) => diffId) }
}

/** Bytes of those layers of an image that other images have too. */
export function sharedSize(image: ImageRecord, all: readonly ImageRecord[]): number {
  const others = new Set(all.filter(({ id }) => id !== image.id).flatMap(({ layers }) => layers.map((l) => l.diffId)))
  const shared = image.layers.filter(({ diffId }) => others.has(diffId))
  return shared.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0)
}
