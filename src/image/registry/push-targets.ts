import { EngineError } from '../../base/errors.ts'
import { checkPlatform } from '../config/check-platform.ts'
import type { Platform } from '../config/platform.ts'
import type { ImageRecord } from '../images.ts'
import { nameOf } from '../names/find-image.ts'
import { familiar, familiarName, parseReference, type Reference } from '../names/references.ts'

/** One name of an image, to be sent. */
export interface PushTarget {
  readonly reference: Reference
  readonly image: ImageRecord
}

/**
 * Which images a push sends: that of the tag, or, where no tag is given, all of the repository's.
 *
 * @param platform  what the image must be for, when somebody asks
 * @throws {EngineError} `not-found`, `invalid-argument`, in Docker's words
 */
export function choosePushTargets(
  images: readonly ImageRecord[],
  asked: Reference,
  platform: Platform | undefined,
): readonly PushTarget[] {
  if (asked.digest !== undefined) throw new EngineError('invalid-argument', 'cannot push a digest reference')
  const repository = familiarName(asked)
  const all = images.flatMap((image) =>
    image.repoTags
      .filter((tag) => nameOf(tag) === repository)
      .map((tag) => ({ reference: parseReference(tag), image })),
  )
  if (all.length === 0)
    throw new EngineError('not-found', `An image does not exist locally with the tag: ${repository}`)
  const chosen = asked.tag === undefined ? all : all.filter(({ reference }) => reference.tag === asked.tag)
  if (chosen.length === 0) throw new EngineError('not-found', `tag does not exist: ${familiar(asked)}`)
  for (const { image } of chosen) checkPlatform(image, platform, familiar(asked))
  return chosen.toSorted((one, other) => (one.reference.tag! < other.reference.tag! ? -1 : 1))
}
