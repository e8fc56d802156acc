import { EngineError } from '../../base/errors.ts'
import type { ImageRecord } from '../images.ts'
import { familiar, familiarName, parseReference, type Reference, withDefaultTag } from './references.ts'

/**
 * The image that a person means: by whole id, by name, and if no name fits by the beginning of an id.
 *
 * @throws {EngineError} `invalid-argument` for what is no reference, or an id that several images begin with
 * @source Docker Engine, order of look-up in GetImage
 */
export function findImage(images: readonly ImageRecord[], text: string): ImageRecord | undefined {
  const whole = wholeId(text)
  if (whole !== undefined) return images.find(({ id }) => id === whole)
  const reference = withDefaultTag(parseReference(text))
  return images.find((image) => hasName(image, reference)) ?? byPrefix(images, text)
}

/** True when `text` found the image by its id rather than by a name. */
export function isIdOf({ id }: ImageRecord, text: string): boolean {
  return id.startsWith(text) || id.slice('sha256:'.length).startsWith(text)
}

/** The error that Docker's clients know. */
export function noSuchImage(text: string): EngineError {
  const name = wholeId(text) === undefined ? familiar(withDefaultTag(parseReference(text))) : text
  return new EngineError('not-found', `No such image: ${name}`)
}

/** The name by which an image keeps a reference: a tag, or, when a digest is given, that alone. */
export function storedName(reference: Reference): string {
  const { tag: _, ...withoutTag } = reference
  return familiar(reference.digest === undefined ? withDefaultTag(reference) : withoutTag)
}

function wholeId(text: string): string | undefined {
  const hex = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text
  return /^[0-9a-f]{64}$/.test(hex) ? `sha256:${hex}` : undefined
}

function hasName({ id, repoTags, repoDigests }: ImageRecord, reference: Reference): boolean {
  const name = storedName(reference)
  if (reference.digest === undefined) return repoTags.includes(name)
  // The id of an image is a digest too: name@id is taken when the image has that name.
  const sameName = [...repoTags, ...repoDigests].some((known) => nameOf(known) === familiarName(reference))
  return repoDigests.includes(name) || (id === reference.digest && sameName)
}

/** `busybox` of `busybox:latest` and of `busybox@sha256:…`. */
export function nameOf(stored: string): string {
  return stored.includes('@') ? stored.slice(0, stored.indexOf('@')) : stored.slice(0, stored.lastIndexOf(':'))
}

function byPrefix(images: readonly ImageRecord[], text: string): ImageRecord | undefined {
  if (!/^(?:sha256:)?[0-9a-f]+$/.test(text)) return undefined
  const found = images.filter((image) => isIdOf(image, text))
  if (found.length > 1)
    throw new EngineError('invalid-argument', `Cannot find image "${text}": ${found.length} images begin with it`)
  return found[0]
}
