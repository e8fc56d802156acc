import { chainIds } from '../config/image-config.ts'
import type { ImageRecord } from '../images.ts'
import { isIdOf, noSuchImage, storedName } from '../names/find-image.ts'
import { parseReference } from '../names/references.ts'
import { collect, contentOf, type ImageParts } from './collect.ts'
import { type ImageUser, planRemoval, type RemovalTarget } from './plan-removal.ts'

/** One thing that removing did, as Docker reports it. @source Docker Engine API v1.51, ImageDeleteResponseItem */
export interface Removed {
  readonly Untagged?: string
  readonly Deleted?: string
}

/**
 * Removes a name of an image, or the image with all its names; layers stay until their last image goes.
 *
 * @param inUse  users of images, by image id
 * @throws {EngineError} `not-found`; `conflict`, in Docker's words, and then nothing was removed
 */
export async function removeImage(
  parts: ImageParts,
  reference: string,
  force: boolean,
  inUse: ReadonlyMap<string, readonly ImageUser[]>,
): Promise<readonly Removed[]> {
  const image = parts.table.find(reference)
  if (parts.table.get(image.id) === undefined) throw noSuchImage(reference)
  const users = inUse.get(image.id) ?? []
  const plan = planRemoval(image, targetOf(image, reference), force, users)
  const done: Removed[] = plan.untag.map((name) => ({ Untagged: name }))
  if (plan.deletes) {
    parts.table.delete(image.id, users.length > 0)
    done.push({ Deleted: image.id }, ...layersThatGo(parts, image).map((chainId) => ({ Deleted: chainId })))
  } else parts.table.untag(image.id, plan.untag)
  const released = parts.table.releaseKept((id) => inUse.has(id))
  await collect(parts, [image, ...released].flatMap(contentOf))
  return done
}

function targetOf(image: ImageRecord, reference: string): RemovalTarget {
  if (isIdOf(image, reference)) return { by: 'id' }
  const name = storedName(parseReference(reference))
  return [...image.repoTags, ...image.repoDigests].includes(name)
    ? { by: 'name', name, asked: reference }
    : { by: 'id' }
}

/** Chain ids of an image's layers that no other image stands on, top first. */
function layersThatGo({ table }: ImageParts, image: ImageRecord): readonly string[] {
  const chainOf = ({ layers }: ImageRecord) => chainIds(layers.map(({ diffId }) => diffId))
  const needed = new Set([...table.list(), ...table.kept()].flatMap(chainOf))
  return chainOf(image)
    .filter((id) => !needed.has(id))
    .toReversed()
}
