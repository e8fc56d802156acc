import { EngineError } from '../../base/errors.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { Engine } from '../../engine/engine.ts'
import { descends } from '../../image/descends.ts'

/** Ids of networks by name, as they are now; a network that is gone has none. */
export function networkIds({ networks }: Engine): (name: string) => string | undefined {
  const ids = new Map(networks.list().map(({ name, id }) => [name, id]))
  return (name) => ids.get(name)
}

/** Ids of images by reference; each reference is looked up once. */
export function imageIds({ images }: Engine): (reference: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (reference) => {
    if (!known.has(reference)) known.set(reference, findImageId(images, reference))
    return known.get(reference)
  }
}

function findImageId(images: Engine['images'], reference: string): string | undefined {
  try {
    return images.find(reference).id
  } catch (error) {
    if (error instanceof EngineError) return undefined // untagged or removed since
    throw error
  }
}

/** Ids of an image and of those that were made from it; none when there is no such image. */
export function imageFamily(engine: Engine, reference: string): readonly string[] {
  const id = findImageId(engine.images, reference)
  if (id === undefined) return []
  const list = engine.images.list()
  const ancestor = list.find((image) => image.id === id)
  return [id, ...list.filter((image) => ancestor && descends(image, ancestor)).map((image) => image.id)]
}

/** How many bytes a container's own layer and its whole root file system take. */
export async function containerSizes(
  { containers, images }: Engine,
  { id, imageId }: ContainerRecord,
): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const written = await containers.writableBytes(id)
  const image = images.list().find((candidate) => candidate.id === imageId)
  return { SizeRw: written, SizeRootFs: written + (image?.size ?? 0) }
}
