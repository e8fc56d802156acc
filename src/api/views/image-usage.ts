import type { ImageRecord } from '../../image/images.ts'
import type { ImageSummary } from '../../protocol/image.ts'
import { imageSummary } from './image.ts'

/** Which layers images have, and how many images have each. */
export class LayerUses {
  readonly #images = new Map<string, number>()
  readonly #bytes = new Map<string, number>()

  constructor(images: readonly ImageRecord[]) {
    for (const { layers } of images) {
      for (const diffId of new Set(layers.map((layer) => layer.diffId))) {
        this.#images.set(diffId, (this.#images.get(diffId) ?? 0) + 1)
      }
      for (const { diffId, unpackedSize } of layers) this.#bytes.set(diffId, unpackedSize)
    }
  }

  /** Bytes of all layers, each counted once. */
  get totalBytes(): number {
    return this.#bytes.values().reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Bytes of the layers that other images have as well. */
  sharedBytes({ layers }: Pick<ImageRecord, 'layers'>): number {
    const shared = layers.filter(({ diffId }) => (this.#images.get(diffId) ?? 0) > 1)
    return shared.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0)
  }
}

/**
 * An image with what it shares and how often it is used.
 *
 * @param containers  how many containers use it
 */
export function imageUsage(image: ImageRecord, uses: LayerUses, containers: number, version: string): ImageSummary {
  return { ...imageSummary(image, containers, version), SharedSize: uses.sharedBytes(image), Containers: containers }
}
