import type { Log } from '../base/log.ts'
import type { Collection, Store, StoredRecord } from '../store/store.ts'
import type { EngineEvent } from './events.ts'

/** Events written at one time, in their order: one row, because a row for each would cost more than it is worth. */
interface EventBatch extends StoredRecord {
  readonly version: 1
  /** Counts up: the key. */
  readonly sequence: number
  readonly events: readonly EngineEvent[]
}

/** How long an event may be in memory only: so much of the end is lost when the engine is killed. */
const unwrittenMs = 250
/** Execs, of health checks above all, would drive everything else out: they have a place of their own. */
const kinds = { events: 4096, execs: 1024 } as const
type Kind = keyof typeof kinds

/**
 * The last events, kept over the ends of engines: up to 4096, and 1024 of execs.
 *
 * Nobody waits for a write: they are made four times a second, in one transaction. What is older than the limits is
 * deleted, a batch at a time.
 */
export class EventStore implements Disposable {
  readonly #store: Store
  readonly #log: Log
  readonly #shelves: Readonly<Record<Kind, Shelf>>
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
    this.#shelves = { events: new Shelf(store, 'events'), execs: new Shelf(store, 'execs') }
  }

  add(event: EngineEvent): void {
    this.#shelves[/^exec_/.test(event.Action) ? 'execs' : 'events'].add(event)
    this.#timer ??= setTimeout(() => this.flush(), unwrittenMs).unref()
  }

  /** All that is kept, in the order of time; of what happened in one moment, in the order in which it was told. */
  list(): readonly EngineEvent[] {
    const { events, execs } = this.#shelves
    // Sorting is stable: events of one moment stay in the order in which they were told.
    return [...events.list(), ...execs.list()].sort((a, b) => a.timeNano - b.timeNano)
  }

  /** Writes what is in memory only. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      this.#store.transaction(() => {
        for (const shelf of Object.values(this.#shelves)) shelf.flush()
      })
    } catch (error) {
      this.#log.warn('cannot write events: the next engine will not know them', { error })
    }
  }

  /** Writes the last events: the store must still be open. */
  [Symbol.dispose](): void {
    this.flush()
  }
}

/** The batches of one kind, the oldest first. */
class Shelf {
  readonly #records: Collection<EventBatch>
  readonly #most: number
  /** Read when somebody asks for the past, or when the first batch is written. */
  #kept: EventBatch[] | undefined
  #count = 0
  #pending: EngineEvent[] = []

  constructor(store: Store, kind: Kind) {
    this.#records = store.collection<EventBatch>(`event-batch-${kind}`)
    this.#most = kinds[kind]
  }

  add(event: EngineEvent): void {
    this.#pending.push(event)
  }

  list(): readonly EngineEvent[] {
    return [...this.#batches().flatMap(({ events }) => events), ...this.#pending]
  }

  flush(): void {
    if (this.#pending.length === 0) return
    const kept = this.#batches()
    const batch: EventBatch = { version: 1, sequence: (kept.at(-1)?.sequence ?? 0) + 1, events: this.#pending }
    this.#pending = []
    this.#count += batch.events.length
    kept.push(batch)
    this.#records.put(String(batch.sequence), batch)
    for (let [oldest] = kept; this.#count - oldest!.events.length >= this.#most; [oldest] = kept) {
      this.#count -= oldest!.events.length
      kept.shift()
      this.#records.delete(String(oldest!.sequence))
    }
  }

  #batches(): EventBatch[] {
    if (this.#kept !== undefined) return this.#kept
    this.#kept = this.#records.list()
    this.#count = this.#kept.reduce((sum, { events }) => sum + events.length, 0)
    return this.#kept
  }
}
