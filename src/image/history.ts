import { never } from '../base/clock.ts'
import type { ImageHistoryEntry, ImageRecord } from './images.ts'

/** One row of `docker history`, the newest step first. @source Docker Engine API v1.51, ImageHistory */
export interface HistoryRow {
  /** The image's id in the first row, `<missing>` in the rest: the steps are not images. */
  readonly Id: string
  /** Seconds since 1970. */
  readonly Created: number
  readonly CreatedBy: string
  readonly Tags: readonly string[] | null
  /** Bytes of the files that the step added. */
  readonly Size: number
  readonly Comment: string
}

/**
 * How an image was made.
 *
 * Steps that made a layer are paired with the layers from the bottom; layers without a step get a row of their own.
 */
export function imageHistory(image: ImageRecord): readonly HistoryRow[] {
  const layers = image.layers.values()
  const steps = image.history.map((entry: ImageHistoryEntry) => ({
    entry,
    size: entry.emptyLayer ? 0 : (layers.next().value?.unpackedSize ?? 0),
  }))
  const untold = [...layers].map(({ unpackedSize }) => ({ entry: nothingTold, size: unpackedSize }))
  return [...steps, ...untold].toReversed().map(({ entry, size }, index) => ({
    Id: index === 0 ? image.id : '<missing>',
    Created: unixSeconds(entry.created),
    CreatedBy: entry.createdBy ?? '',
    Tags: index === 0 && image.repoTags.length > 0 ? image.repoTags : null,
    Size: size,
    Comment: entry.comment ?? '',
  }))
}

const nothingTold: ImageHistoryEntry = {}

/** Seconds since 1970 of a time in RFC 3339; Docker's zero time when it is missing. */
export function unixSeconds(time: string | undefined): number {
  return Math.floor(Date.parse(time ?? never) / 1000)
}
