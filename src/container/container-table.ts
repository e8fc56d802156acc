import { EngineError } from '../base/errors.ts'
import type { Collection } from '../store/store.ts'
import type { ContainerRecord, ContainerState } from './model.ts'

/** All containers: kept in memory, every change written through to the store. */
export class ContainerTable {
  readonly #records: Collection<ContainerRecord>
  readonly #byId = new Map<string, ContainerRecord>()
  readonly #idOfName = new Map<string, string>()

  constructor(records: Collection<ContainerRecord>) {
    this.#records = records
    for (const record of records.list()) this.#remember(record)
  }

  /** In the order of their creation. */
  list(): readonly ContainerRecord[] {
    return [...this.#byId.values()]
  }

  get(id: string): ContainerRecord | undefined {
    return this.#byId.get(id)
  }

  /**
   * Full id, then name with or without its slash, then id prefix.
   *
   * @throws {EngineError} `not-found`, or `invalid-argument` when several ids begin so
   */
  find(ref: string): ContainerRecord {
    const exact = this.#byId.get(ref) ?? this.#byId.get(this.#idOfName.get(ref.replace(/^\//, '')) ?? '')
    if (exact !== undefined) return exact
    const matches = ref === '' ? [] : this.list().filter(({ id }) => id.startsWith(ref))
    if (matches.length > 1) throw new EngineError('invalid-argument', `multiple IDs found with provided prefix: ${ref}`)
    const [match] = matches
    if (match === undefined) throw noContainer(ref)
    return match
  }

  /**
   * The container that `ref` meant before the caller waited for its lock.
   *
   * @throws {EngineError} `not-found`, with the user's own word for it, when it has been removed meanwhile
   */
  findAgain(id: string, ref: string): ContainerRecord {
    const record = this.#byId.get(id)
    if (record === undefined) throw noContainer(ref)
    return record
  }

  /** The container of exactly this name. */
  named(name: string): ContainerRecord | undefined {
    return this.#byId.get(this.#idOfName.get(name) ?? '')
  }

  put(record: ContainerRecord): void {
    this.#records.put(record.id, record)
    this.#forget(record.id)
    this.#remember(record)
  }

  /** Writes a part of a container's state. @returns the record as it is now */
  patchState(id: string, patch: Partial<ContainerState>): ContainerRecord {
    const record = this.find(id)
    const next = { ...record, state: { ...record.state, ...patch } }
    this.put(next)
    return next
  }

  /** Changes a part of a container's state in memory; the next write of the record keeps it. */
  noteState(id: string, patch: Partial<ContainerState>): void {
    const record = this.find(id)
    this.#byId.set(id, { ...record, state: { ...record.state, ...patch } })
  }

  delete(id: string): void {
    this.#records.delete(id)
    this.#forget(id)
    this.#byId.delete(id)
  }

  #remember(record: ContainerRecord): void {
    this.#byId.set(record.id, record)
    this.#idOfName.set(record.name, record.id)
  }

  #forget(id: string): void {
    const old = this.#byId.get(id)
    if (old !== undefined) this.#idOfName.delete(old.name)
  }
}

function noContainer(ref: string): EngineError {
  return new EngineError('not-found', `No such container: ${ref}`)
}
