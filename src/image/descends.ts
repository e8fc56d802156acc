import type { ImageRecord } from './images.ts'

/**
 * Whether an image was made from another one: it has all layers of that, and more of them, or more steps without one.
 *
 * Docker keeps the parent of what was built or committed here; layers tell the same, and of images that were pulled, too.
 */
export function descends(image: ImageRecord, ancestor: ImageRecord): boolean {
  const { layers } = ancestor
  if (image.id === ancestor.id || layers.length === 0) return false
  if (!layers.every(({ diffId }, i) => image.layers[i]?.diffId === diffId)) return false
  return image.layers.length > layers.length || image.history.length > ancestor.history.length
}
