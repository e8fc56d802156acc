import { rfc3339Now } from '../../base/clock.ts'
import { CgroupReader } from '../../kernel/cgroups/cgroup-reader.ts'
import type { ProcessorTime } from '../../kernel/processes/processor-time.ts'
import type { TrafficReader } from '../../network/sandbox/traffic.ts'
import { isLive } from '../life/is-live.ts'
import type { ContainerRecord } from '../model.ts'
import type { Measurement } from './measurement.ts'

/** What reads the counters of one container. */
export interface Meter extends Disposable {
  /** What it has used in the run that it is in; undefined when it is in none. */
  measure(record: ContainerRecord, system: ProcessorTime): Measurement | undefined
}

/** Reads the counters of one container through all its runs. What it reads from stays open until it is disposed of. */
export class ContainerMeter implements Meter {
  readonly #cgroup: string
  readonly #traffic: TrafficReader
  #reader: CgroupReader | undefined
  /** Which run the reader is of. */
  #startedAt = ''

  /** @param cgroup  the control group of all its runs: `"/wharf/0123…"` */
  constructor(cgroup: string, traffic: TrafficReader) {
    this.#cgroup = cgroup
    this.#traffic = traffic
  }

  measure(record: ContainerRecord, { total, processors }: ProcessorTime): Measurement | undefined {
    if (!isLive(record) || record.state.startedAt !== this.#startedAt) this.#closeRun()
    if (!isLive(record)) return undefined
    this.#startedAt = record.state.startedAt
    this.#reader ??= new CgroupReader(this.#cgroup)
    const used = this.#reader.read()
    if (used === undefined) {
      this.#closeRun()
      return undefined
    }
    return {
      containerId: record.id,
      containerName: record.name,
      startedAt: this.#startedAt,
      time: rfc3339Now(),
      systemTime: total,
      processors,
      used,
      traffic: this.#traffic.read(),
    }
  }

  #closeRun(): void {
    this.#reader?.[Symbol.dispose]()
    this.#reader = undefined
    this.#startedAt = ''
  }

  [Symbol.dispose](): void {
    this.#closeRun()
    this.#traffic[Symbol.dispose]()
  }
}
