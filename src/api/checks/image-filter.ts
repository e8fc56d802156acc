import { matchesGlob } from 'node:path'
import { millisecondsOf } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { ImageRecord, Images } from '../../image/images.ts'
import { anyOf, type Filters, hasLabels, lacksLabels, truthOf } from '../filters.ts'
import { parseUntil } from './network-filter.ts'

/** The filters that `/images/json` takes. */
export const imageFilterNames = ['reference', 'dangling', 'label', 'before', 'since', 'until']

/**
 * The test that a list's filters make together.
 *
 * @param images  where `before` and `since` are looked up
 * @throws {EngineError} `invalid-argument`, or `not-found` for an image of `before` or `since`
 */
export function imageFilter(filters: Filters, images: Pick<Images, 'find'>): (image: ImageRecord) => boolean {
  const dangling = truthOf(filters, 'dangling')
  const moments = (name: string) => (filters.get(name) ?? []).map((reference) => images.find(reference).created)
  const [befores, sinces] = [moments('before'), moments('since')]
  const untils = (filters.get('until') ?? []).map((text) => parseUntil(text, Date.now()))
  return ({ repoTags, repoDigests, config, created }) =>
    anyOf(filters, 'reference', (wanted) =>
      [...repoTags, ...repoDigests].some((name) => matchesReference(wanted, name)),
    ) &&
    (dangling === undefined || dangling === (repoTags.length === 0)) &&
    hasLabels(filters, 'label', config.Labels ?? {}) &&
    befores.every((moment) => created < moment) &&
    sinces.every((moment) => created > moment) &&
    untils.every((moment) => millisecondsOf(created) < moment)
}

/** The filters that `/images/prune` takes. */
export const imagePruneFilterNames = ['dangling', 'until', 'label', 'label!']

/**
 * Which images a prune means: unless told otherwise, those without a tag.
 *
 * @throws {EngineError} `invalid-argument`
 */
export function imagePruneFilter(filters: Filters, nowMs: number): (image: ImageRecord) => boolean {
  const danglingOnly = truthOf(filters, 'dangling') ?? true
  if ((filters.get('until')?.length ?? 0) > 1)
    throw new EngineError('invalid-argument', 'more than one until filter specified')
  const limits = (filters.get('until') ?? []).map((text) => parseUntil(text, nowMs))
  return ({ repoTags, created, config }) =>
    (!danglingOnly || repoTags.length === 0) &&
    limits.every((limit) => millisecondsOf(created) < limit) &&
    hasLabels(filters, 'label', config.Labels ?? {}) &&
    lacksLabels(filters, 'label!', config.Labels ?? {})
}

/**
 * An image with only those of its names that the `reference` filter wants: `docker images busybox` shows no others.
 */
export function withWantedNames(filters: Filters, image: ImageRecord): ImageRecord {
  if ((filters.get('reference') ?? []).length === 0) return image
  const isWanted = (name: string) => anyOf(filters, 'reference', (wanted) => matchesReference(wanted, name))
  return { ...image, repoTags: image.repoTags.filter(isWanted), repoDigests: image.repoDigests.filter(isWanted) }
}

/** `pattern` is a name with or without tag or digest, in which `*` and `?` stand for anything but a slash. */
function matchesReference(pattern: string, reference: string): boolean {
  const bare = reference.replace(/@.*$|:[^:/]*$/, '')
  return [reference, bare].some((name) => name === pattern || matchesGlob(name, pattern))
}
