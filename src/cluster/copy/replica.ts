import type { KeyValue, WatchEvent } from '../etcd/codec.ts'

/** What one key was, and is: undefined for nothing. */
export interface KeyChange {
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

interface Entry {
  readonly value: string
  readonly modRevision: number
}

/**
 * A copy of the watched keys, as of one revision. Pure: it is told, and answers what that changed.
 *
 * However events are lost, doubled or late, the next list makes it right, and the answer to that is the difference.
 */
export class Replica {
  readonly #entries = new Map<string, Entry>()
  /** Keys that a transaction of ours has written later than `#revision`, and when. */
  readonly #ahead = new Map<string, number>()
  readonly #doubtful = new Set<string>()
  #revision = 0

  /** Everything up to this revision is known. */
  get revision(): number {
    return this.#revision
  }

  /** How many keys there are for certain. */
  get size(): number {
    return this.#entries.size - this.#doubtful.size
  }

  /** @returns undefined for what is only doubtfully there, too */
  get(key: string): string | undefined {
    return this.#doubtful.has(key) ? undefined : this.#entries.get(key)?.value
  }

  /** What the last list of another history had not: it may come back, from those who own it. */
  doubtful(): ReadonlyMap<string, string> {
    return new Map([...this.#doubtful].map((key) => [key, this.#entries.get(key)!.value]))
  }

  /** Gives up on what did not come back. */
  dropDoubtful(): KeyChange[] {
    return [...this.#doubtful].flatMap((key) => this.#delete(key))
  }

  /**
   * Takes a whole list in place of what there was. Removals come first.
   *
   * @param isOther the list is no later state of what there was, but of an older backup: what it has not is doubtful,
   *   and nothing is told of it, until it comes back or is dropped
   */
  reset(kvs: readonly KeyValue[], revision: number, isOther = false): KeyChange[] {
    this.#forget(isOther ? Number.POSITIVE_INFINITY : revision)
    if (!isOther) this.#doubtful.clear()
    const listed = new Set(kvs.map(({ key }) => key))
    const gone = [...this.#entries.keys()].filter((key) => !listed.has(key) && !this.#ahead.has(key))
    this.#revision = revision
    if (isOther) for (const key of gone) this.#doubtful.add(key)
    return [
      ...(isOther ? [] : gone.flatMap((key) => this.#delete(key))),
      ...kvs.filter(({ key }) => !this.#ahead.has(key)).flatMap((kv) => this.#put(kv)),
    ]
  }

  /** Takes changes in the order of the watch, and that there is none besides up to `revision`. */
  apply(events: readonly WatchEvent[], revision: number): KeyChange[] {
    const changes = events.flatMap((event) => {
      const { key, modRevision } = event.type === 'put' ? event.kv : event
      if (modRevision <= this.#modRevision(key) || modRevision <= (this.#ahead.get(key) ?? 0)) return []
      return event.type === 'put' ? this.#put(event.kv) : this.#delete(key)
    })
    this.#revision = Math.max(this.#revision, revision)
    this.#forget(this.#revision)
    return changes
  }

  /**
   * Takes what a transaction of one's own has written, before the watch tells of it.
   *
   * @param revision of the transaction: nothing is done when the watch has been there already
   */
  anticipate(writes: readonly (readonly [string, string | undefined])[], revision: number): KeyChange[] {
    if (revision <= this.#revision) return []
    return writes.flatMap(([key, value]) => {
      if (this.#modRevision(key) >= revision || (this.#ahead.get(key) ?? 0) >= revision) return []
      this.#ahead.set(key, revision)
      return value === undefined ? this.#delete(key) : this.#put({ key, value, modRevision: revision })
    })
  }

  /** The watch has been where these were anticipated. */
  #forget(revision: number): void {
    for (const [key, ahead] of this.#ahead) if (ahead <= revision) this.#ahead.delete(key)
  }

  /** Revision of a key's last change; 0 when it is not there, or of another history. */
  #modRevision(key: string): number {
    return this.#doubtful.has(key) ? 0 : (this.#entries.get(key)?.modRevision ?? 0)
  }

  #put({ key, value, modRevision }: Pick<KeyValue, 'key' | 'value' | 'modRevision'>): KeyChange[] {
    const before = this.#entries.get(key)?.value
    this.#entries.set(key, { value, modRevision })
    this.#doubtful.delete(key)
    return before === value ? [] : [{ key, before, after: value }]
  }

  #delete(key: string): KeyChange[] {
    const before = this.#entries.get(key)?.value
    this.#doubtful.delete(key)
    return this.#entries.delete(key) ? [{ key, before, after: undefined }] : []
  }
}
