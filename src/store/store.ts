/** What every stored record has: the version of its shape, so that a newer engine can read an older one's. */
export interface StoredRecord {
  readonly version: number
}

/**
 * Records of one kind, by key. Each collection is written by its one owner.
 *
 * Calls are synchronous and durable: when `put` returns, a crash of the process loses nothing.
 */
export interface Collection<T extends StoredRecord> {
  get(key: string): T | undefined
  put(key: string, record: T): void
  /** Absent is success. */
  delete(key: string): void
  /** All records, in the order of their first `put`. */
  list(): T[]
}

/** The engine's own memory: what is wished, never what the kernel has. */
export interface Store extends Disposable {
  /** The collection of that name; made when it is first used. Two calls give the same records. */
  collection<T extends StoredRecord>(name: string): Collection<T>
  /** Makes all writes of `body` at once, or, when it throws, none of them. */
  transaction<T>(body: () => T): T
}
