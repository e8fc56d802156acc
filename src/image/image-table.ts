import { EngineError } from '../base/errors.ts'
import type { Collection, Store } from '../store/store.ts'
import type { ImageRecord } from './images.ts'
import { findImage, noSuchImage } from './names/find-image.ts'

/**
 * The records of images, and which names point to which.
 *
 * An image that was deleted by force while a stopped container uses it is kept without names: it is not listed and
 * nobody finds it but by its whole id, so that the container still starts.
 */
export class ImageTable {
  readonly #store: Store
  readonly #records: Collection<ImageRecord>
  readonly #keptRecords: Collection<ImageRecord>
  readonly #images: Map<string, ImageRecord>
  readonly #kept: Map<string, ImageRecord>

  constructor(store: Store) {
    this.#store = store
    this.#records = store.collection('image')
    this.#keptRecords = store.collection('image-kept')
    this.#images = byId(this.#records.list())
    this.#kept = byId(this.#keptRecords.list())
  }

  get(id: string): ImageRecord | undefined {
    return this.#images.get(id)
  }

  list(): readonly ImageRecord[] {
    return [...this.#images.values()]
  }

  /** Deleted images that a container still needs. */
  kept(): readonly ImageRecord[] {
    return [...this.#kept.values()]
  }

  /** @throws {EngineError} `not-found` `No such image: x:latest`, `invalid-argument` */
  find(reference: string): ImageRecord {
    const found = findImage(this.list(), reference) ?? this.#kept.get(reference)
    if (found === undefined) throw noSuchImage(reference)
    return found
  }

  /**
   * Stores an image; its tags leave the images that had them, and names it had before stay.
   *
   * @returns the images that lost a tag
   */
  put(image: ImageRecord): readonly ImageRecord[] {
    const before = this.#images.get(image.id)
    const merged: ImageRecord = {
      ...image,
      repoTags: union(before?.repoTags, image.repoTags),
      repoDigests: union(before?.repoDigests, image.repoDigests),
    }
    const robbed = this.list().filter(
      ({ id, repoTags }) => id !== image.id && repoTags.some((tag) => image.repoTags.includes(tag)),
    )
    this.#write([merged, ...robbed.map((other) => ({ ...other, repoTags: without(other.repoTags, image.repoTags) }))])
    this.#unkeep(image.id)
    return robbed
  }

  /** Takes names away, tags and digests. */
  untag(id: string, names: readonly string[]): void {
    const image = this.#images.get(id)
    if (image === undefined) throw new EngineError('not-found', `No such image: ${id}`)
    const { repoTags, repoDigests } = image
    this.#write([{ ...image, repoTags: without(repoTags, names), repoDigests: without(repoDigests, names) }])
  }

  /** Forgets an image. @param keep  a container still needs its layers */
  delete(id: string, keep: boolean): void {
    const image = this.#images.get(id)
    if (image === undefined) return
    const nameless = { ...image, repoTags: [], repoDigests: [] }
    this.#store.transaction(() => {
      if (keep) this.#keptRecords.put(id, nameless)
      this.#records.delete(id)
    })
    if (keep) this.#kept.set(id, nameless)
    this.#images.delete(id)
  }

  /** Forgets deleted images that no container needs any more; answers them. */
  releaseKept(inUse: (id: string) => boolean): readonly ImageRecord[] {
    const released = this.kept().filter(({ id }) => !inUse(id))
    for (const { id } of released) this.#unkeep(id)
    return released
  }

  #unkeep(id: string): void {
    if (this.#kept.delete(id)) this.#keptRecords.delete(id)
  }

  #write(records: readonly ImageRecord[]): void {
    this.#store.transaction(() => {
      for (const record of records) this.#records.put(record.id, record)
    })
    for (const record of records) this.#images.set(record.id, record)
  }
}

function byId(records: readonly ImageRecord[]): Map<string, ImageRecord> {
  return new Map(records.map((record) => [record.id, record]))
}

/** In the order of their letters, as Docker lists the names of an image. */
function union(before: readonly string[] = [], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])].toSorted()
}

function without(names: readonly string[], gone: readonly string[]): readonly string[] {
  return names.filter((name) => !gone.includes(name))
}
