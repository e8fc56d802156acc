import { EngineError } from '../../base/errors.ts'
import type { ImageRecord } from '../images.ts'
import { choosePlatform, hostPlatform, type Platform, renderPlatform } from './platform.ts'

/** For what an image was made; images that were imported long ago do not always say. */
type Made = Pick<ImageRecord, 'os' | 'architecture' | 'variant'>

/**
 * Refuses an image that is for another platform than somebody asks for.
 *
 * @param name  as the user wrote it
 * @throws {EngineError} `not-found` in Docker's words: clients then fetch the image that they want
 */
export function checkPlatform(image: Made, wanted: Platform | undefined, name: string): void {
  if (wanted === undefined || suits(image, wanted)) return
  throw new EngineError(
    'not-found',
    `image with reference ${name} was found but its platform (${renderPlatform(image)}) does not match the specified platform (${renderPlatform(wanted)})`,
  )
}

/** What Docker says when an image of another machine is run without a word about that; undefined when it is this one's. */
export function platformWarning(image: Made): string | undefined {
  const host = hostPlatform()
  if (suits(image, host)) return undefined
  return `The requested image's platform (${renderPlatform(image)}) does not match the detected host platform (${renderPlatform(host)}) and no specific platform was requested`
}

function suits(image: Made, wanted: Platform): boolean {
  return image.architecture === '' || choosePlatform([{ platform: image }], wanted) !== undefined
}
