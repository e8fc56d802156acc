import { Tally } from '../base/meters.ts'
import type { EventStore } from './event-store.ts'
import type { EngineEvent } from './events.ts'

/** Numbers of JavaScript cannot tell nanoseconds since 1970 apart that are closer. */
const leastStepNano = 256n
/** A listener that falls this far behind is cut off, so that it cannot hold the engine's memory. */
const longestQueue = 16_384

interface Listener {
  readonly queue: EngineEvent[]
  wake: () => void
  lost: boolean
}

/** What happened, told to everyone who listens and kept for a while, also for clients of a later engine. */
export class EventLog {
  /** How many there were since the engine was started. */
  readonly meter = new Tally({ name: 'engine_daemon_events_total', help: 'The number of events logged' })
  readonly #past: EventStore
  readonly #listeners = new Set<Listener>()
  #lastNano = 0n

  constructor(past: EventStore) {
    this.#past = past
  }

  /** How many clients hear of events just now. */
  get listeners(): number {
    return this.#listeners.size
  }

  publish(type: EngineEvent['Type'], action: string, id: string, attributes: Readonly<Record<string, string>>): void {
    const now = Temporal.Now.instant().epochNanoseconds
    // No two events at one moment: order is time.
    this.#lastNano = now >= this.#lastNano + leastStepNano ? now : this.#lastNano + leastStepNano
    const event: EngineEvent = {
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
      time: Number(this.#lastNano / 1_000_000_000n),
      timeNano: Number(this.#lastNano),
    }
    this.meter.add()
    this.#past.add(event)
    for (const listener of this.#listeners) {
      if (listener.queue.length < longestQueue) listener.queue.push(event)
      else listener.lost = true
      listener.wake()
    }
  }

  /**
   * Past events from `sinceMs`, then new ones as they happen, until `untilMs` or until the signal aborts.
   *
   * Without either there is no past. Times are in milliseconds since 1970.
   */
  async *read(
    { sinceMs, untilMs }: { readonly sinceMs?: number; readonly untilMs?: number },
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    const inRange = (event: EngineEvent) =>
      event.timeNano >= (sinceMs ?? 0) * 1e6 && event.timeNano <= (untilMs ?? Number.POSITIVE_INFINITY) * 1e6
    const listener: Listener = {
      queue: sinceMs === undefined && untilMs === undefined ? [] : this.#past.list().filter(inRange),
      wake() {},
      lost: false,
    }
    const over = untilMs === undefined ? signal : AbortSignal.any([signal, timeoutAt(untilMs)])
    const stop = () => listener.wake()
    this.#listeners.add(listener)
    over.addEventListener('abort', stop)
    try {
      for (;;) {
        for (let next = listener.queue.shift(); next !== undefined; next = listener.queue.shift()) {
          if (inRange(next)) yield next
        }
        if (over.aborted || listener.lost) return
        await new Promise<void>((resolve) => {
          listener.wake = resolve
        })
      }
    } finally {
      this.#listeners.delete(listener)
      over.removeEventListener('abort', stop)
    }
  }
}

function timeoutAt(timeMs: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.max(0, Math.ceil(timeMs - Date.now())), 2 ** 31 - 1))
}
