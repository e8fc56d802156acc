import { EngineError } from '../base/errors.ts'
import type { Collection } from '../store/store.ts'
import type { VolumeRecord } from './model.ts'

/** A record in which what is undefined is to be left out. */
type LooseRecord = { readonly [Key in keyof VolumeRecord]: VolumeRecord[Key] | undefined }

/** All volumes: kept in memory, every change written through to the store. */
export class VolumeTable {
  readonly #records: Collection<VolumeRecord>
  readonly #byName = new Map<string, VolumeRecord>()

  constructor(records: Collection<VolumeRecord>) {
    this.#records = records
    for (const record of records.list()) this.#byName.set(record.name, record)
  }

  /** Also those that are being removed. */
  all(): readonly VolumeRecord[] {
    return [...this.#byName.values()]
  }

  /** Whether there is one of that name, be it that it is being removed. */
  knows(name: string): boolean {
    return this.#byName.has(name)
  }

  list(): readonly VolumeRecord[] {
    return this.all().filter(({ removing }) => !removing)
  }

  get(name: string): VolumeRecord | undefined {
    const record = this.#byName.get(name)
    return record?.removing ? undefined : record
  }

  /** @throws {EngineError} `not-found` in Docker's words */
  find(name: string): VolumeRecord {
    const record = this.get(name)
    if (record === undefined) throw new EngineError('not-found', `get ${name}: no such volume`)
    return record
  }

  /** @returns what was written */
  put(record: LooseRecord): VolumeRecord {
    const known = Object.entries(record).filter(([, value]) => value !== undefined)
    const kept = Object.fromEntries(known) as unknown as VolumeRecord
    this.#records.put(kept.name, kept)
    this.#byName.set(kept.name, kept)
    return kept
  }

  delete(name: string): void {
    this.#records.delete(name)
    this.#byName.delete(name)
  }
}
