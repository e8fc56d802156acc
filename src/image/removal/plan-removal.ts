import { EngineError } from '../../base/errors.ts'
import { shortId } from '../../base/id.ts'
import type { ImageRecord } from '../images.ts'
import { nameOf } from '../names/find-image.ts'

/** A container that an image is used by. */
export interface ImageUser {
  readonly containerId: string
  readonly running: boolean
}

/** What `docker rmi` does: names first, then, when none is left, the image. */
export interface RemovalPlan {
  /** In the order in which they are reported. */
  readonly untag: readonly string[]
  readonly deletes: boolean
}

/** How the image was named: by its id, or by one of its stored names, which the user may have written shorter. */
export type RemovalTarget =
  | { readonly by: 'id' }
  | { readonly by: 'name'; readonly name: string; readonly asked: string }

/**
 * Decides what removing an image means, by Docker's rules.
 *
 * By name: that name goes; with the last tag of a repository go its digests; with the last name the image, unless a
 * container uses it. By id: everything goes, unless the names are of several repositories or a container is in the way.
 *
 * @throws {EngineError} `conflict`, in Docker's words
 * @source Docker Engine, ImageDelete
 */
export function planRemoval(
  image: ImageRecord,
  target: RemovalTarget,
  force: boolean,
  users: readonly ImageUser[],
): RemovalPlan {
  const names = [...image.repoTags, ...image.repoDigests]
  if (target.by === 'name') return planByName(image, target, force, users)
  const remaining = isSingle(names) ? [] : names
  const conflict = conflictOf(image, remaining, force, users)
  if (conflict) throw conflict.error
  return { untag: names, deletes: true }
}

function planByName(
  image: ImageRecord,
  { name, asked }: { readonly name: string; readonly asked: string },
  force: boolean,
  users: readonly ImageUser[],
): RemovalPlan {
  const names = [...image.repoTags, ...image.repoDigests]
  const [user] = users
  if (!force && isSingle(names) && user)
    throw new EngineError(
      'conflict',
      `conflict: unable to remove repository reference "${asked}" (must force) - container ${shortId(user.containerId)} is using its referenced image ${shortImageId(image)}`,
    )
  const untag = [name, ...digestsThatGoWith(name, names)]
  if (untag.length < names.length) return { untag, deletes: false }
  const conflict = conflictOf(image, [], force, users)
  // The name is gone, which is what was asked: an image that is in use stays without one.
  return { untag, deletes: conflict === undefined }
}

/** With the last tag of a repository its digests go too. */
function digestsThatGoWith(name: string, names: readonly string[]): readonly string[] {
  if (name.includes('@')) return []
  const others = names.filter((other) => other !== name && nameOf(other) === nameOf(name))
  return others.every((other) => other.includes('@')) ? others : []
}

/** One name, or a tag and a digest of the same repository. */
function isSingle(names: readonly string[]): boolean {
  const [first, second] = names
  if (first === undefined || second === undefined) return true
  const digests = names.filter((name) => name.includes('@')).length
  return names.length === 2 && digests === 1 && nameOf(first) === nameOf(second)
}

function conflictOf(
  image: ImageRecord,
  names: readonly string[],
  force: boolean,
  users: readonly ImageUser[],
): { readonly error: EngineError } | undefined {
  const running = users.find((user) => user.running)
  if (running)
    return unable(image, 'cannot be forced', `image is being used by running container ${shortId(running.containerId)}`)
  if (force) return undefined
  if (names.length > 1) return unable(image, 'must be forced', 'image is referenced in multiple repositories')
  const [stopped] = users
  if (stopped)
    return unable(image, 'must be forced', `image is being used by stopped container ${shortId(stopped.containerId)}`)
  return undefined
}

function unable(image: ImageRecord, how: string, why: string): { readonly error: EngineError } {
  return { error: new EngineError('conflict', `conflict: unable to delete ${shortImageId(image)} (${how}) - ${why}`) }
}

function shortImageId({ id }: ImageRecord): string {
  return shortId(id.slice('sha256:'.length))
}
