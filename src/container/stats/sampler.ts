import { setImmediate as turn } from 'node:timers/promises'
import type { Log } from '../../base/log.ts'
import { type ProcessorTime, readProcessorTime } from '../../kernel/processes/processor-time.ts'
import type { ContainerRecord } from '../model.ts'
import type { Meter } from './container-meter.ts'
import type { ContainerStats, Measurement } from './measurement.ts'

const secondMs = 1000
/** Containers that are measured in one turn of the event loop: less than two milliseconds. */
const containersPerTurn = 16

/** Somebody who is told of a container, and may be slow to listen: of several measurements the last one waits. */
interface Listener {
  next: ContainerStats | undefined
  isOver: boolean
  /** Why it could not be measured. */
  failure: unknown
  wake: () => void
}

interface Watched {
  readonly meter: Meter
  readonly listeners: Set<Listener>
  readonly ending: AbortController
  last: Measurement | undefined
  measuredAtMs: number
}

/** What the sampler works with. */
export interface SamplerParts {
  /** Between two measurements; a second unless told. */
  readonly intervalMs?: number
  readonly log: Log
  /** Undefined: there is no such container any more. */
  recordOf(id: string): ContainerRecord | undefined
  openMeter(id: string): Meter
  /** Settles when the container is removed; rejects when the signal aborts. */
  removalOf(id: string, signal: AbortSignal): Promise<unknown>
}

/**
 * Measures the containers that somebody listens to, all of them once a second, however many listen. Nothing is done, and
 * nothing is open, while nobody does.
 */
export class StatsSampler {
  readonly #parts: SamplerParts
  readonly #intervalMs: number
  readonly #watched = new Map<string, Watched>()
  #timer: NodeJS.Timeout | undefined
  #isBusy = false

  constructor(parts: SamplerParts) {
    this.#parts = parts
    this.#intervalMs = parts.intervalMs ?? secondMs
  }

  /** What was last measured, where somebody listens; else what is measured now. Undefined: it does not run. */
  latest(record: ContainerRecord): Measurement | undefined {
    return this.#watched.get(record.id)?.last ?? this.once(record).now
  }

  /** Measures one container once. */
  once(record: ContainerRecord): ContainerStats {
    using meter = this.#parts.openMeter(record.id)
    return statsOf(record, meter.measure(record, readProcessorTime()), undefined)
  }

  /**
   * A measurement a second, until the signal aborts or the container is removed; the first one at once, unless others listen.
   *
   * @throws {Error} what a measurement fails with: no descriptors are left, the kernel is too old
   */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<ContainerStats> {
    const listener: Listener = { next: undefined, isOver: false, failure: undefined, wake() {} }
    const wake = () => listener.wake()
    const watched = this.#join(id, listener)
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const { next } = listener
        listener.next = undefined
        if (listener.failure !== undefined) throw listener.failure
        if (next !== undefined) yield next
        else if (listener.isOver) return
        else {
          await new Promise<void>((resolve) => {
            listener.wake = resolve
          })
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
      this.#leave(id, watched, listener)
    }
  }

  #join(id: string, listener: Listener): Watched {
    const known = this.#watched.get(id)
    known?.listeners.add(listener)
    return known ?? this.#begin(id, listener)
  }

  #begin(id: string, listener: Listener): Watched {
    const { openMeter, removalOf } = this.#parts
    const system = readProcessorTime()
    const ending = new AbortController()
    const watched: Watched = {
      meter: openMeter(id),
      listeners: new Set([listener]),
      ending,
      last: undefined,
      measuredAtMs: 0,
    }
    this.#watched.set(id, watched)
    removalOf(id, ending.signal).then(
      () => this.#end(id, watched),
      () => {}, // nobody listens any more
    )
    this.#measure(id, watched, system)
    this.#timer ??= setInterval(() => void this.#measureAll(), this.#intervalMs)
    return watched
  }

  #leave(id: string, watched: Watched, listener: Listener): void {
    watched.listeners.delete(listener)
    if (watched.listeners.size === 0) this.#end(id, watched)
  }

  /** May be called again: whoever still listens is told that it is over, and leaves. */
  #end(id: string, { meter, listeners, ending }: Watched): void {
    if (this.#watched.get(id)?.ending === ending) this.#watched.delete(id)
    ending.abort()
    meter[Symbol.dispose]()
    for (const listener of listeners) {
      listener.isOver = true
      listener.wake()
    }
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #measureAll(): Promise<void> {
    if (this.#isBusy) return // the machine is too slow for all of them in a second: some are left out
    this.#isBusy = true
    try {
      // Differences over less than half the time say nothing.
      const soonest = performance.now() - this.#intervalMs / 2
      const due = [...this.#watched].filter(([, { measuredAtMs }]) => measuredAtMs <= soonest)
      for (let at = 0; at < due.length; at += containersPerTurn) {
        if (at > 0) await turn()
        const system = readProcessorTime()
        for (const [id, watched] of due.slice(at, at + containersPerTurn)) this.#measure(id, watched, system)
      }
    } finally {
      this.#isBusy = false
    }
  }

  #measure(id: string, watched: Watched, system: ProcessorTime): void {
    const record = this.#parts.recordOf(id)
    if (record === undefined || watched.ending.signal.aborted) return
    watched.measuredAtMs = performance.now()
    try {
      const now = watched.meter.measure(record, system)
      const before = watched.last?.startedAt === now?.startedAt ? watched.last : undefined
      const stats = statsOf(record, now, before)
      watched.last = now
      for (const listener of watched.listeners) {
        listener.next = stats
        listener.wake()
      }
    } catch (error) {
      this.#parts.log.warn('cannot measure a container', { container: record.name, error })
      for (const listener of watched.listeners) {
        listener.failure = error
        listener.wake()
      }
    }
  }
}

function statsOf(
  { id, name }: ContainerRecord,
  now: Measurement | undefined,
  before: Measurement | undefined,
): ContainerStats {
  return { containerId: id, containerName: name, ...(now && { now }), ...(before && { before }) }
}
