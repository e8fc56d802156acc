import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyedLock } from '../../base/keyed-lock.ts'
import type { Slots } from '../../base/slots.ts'
import type { Collection, StoredRecord } from '../../store/store.ts'
import { removeTree, type Staging, type StagingArea } from '../staging.ts'
import { type LayerSource, type UnpackedLayer, unpackLayer } from './unpack.ts'

/** A layer that is unpacked. */
export interface LayerRecord extends StoredRecord {
  readonly version: 1
  readonly diffId: string
  /** Name of its directory. */
  readonly dir: string
  /** Bytes of the files in it. */
  readonly unpackedSize: number
}

const shortestName = 12

/** How a layer is read: what stops it, and who wants to know how far it is. */
export interface LayerWork {
  readonly signal: AbortSignal
  readonly onRead?: (bytes: number) => void
  /** Called when the layer is known, before it can be found: the moment to pin it. */
  readonly onVerified?: (layer: UnpackedLayer) => void
}

/**
 * Unpacked layers, each once, whatever images share it: `layers/<first digits of its diff id>`.
 *
 * The names are short because all of an image's go into one mount option, of a page at most. The record comes after
 * the directory: a directory without one is not finished.
 */
export class LayerStore {
  readonly #dir: string
  readonly #staging: StagingArea
  readonly #records: Collection<LayerRecord>
  readonly #known: Map<string, LayerRecord>
  readonly #locks: KeyedLock
  readonly #slots: Slots

  constructor(parts: {
    readonly dir: string
    readonly staging: StagingArea
    readonly records: Collection<LayerRecord>
    readonly locks: KeyedLock
    /** How many layers are read at the same time. */
    readonly slots: Slots
  }) {
    this.#dir = join(parts.dir, 'layers')
    this.#staging = parts.staging
    this.#records = parts.records
    this.#locks = parts.locks
    this.#slots = parts.slots
    // Paths of containers lead through here: it must be searchable by everyone, listable by nobody else.
    mkdirSync(this.#dir, { recursive: true, mode: 0o711 })
    this.#known = new Map(this.#records.list().map((record) => [record.diffId, record]))
  }

  /** The unpacked layer; `undefined` when it is not here. */
  find(diffId: string): LayerRecord | undefined {
    return this.#known.get(diffId)
  }

  list(): readonly LayerRecord[] {
    return [...this.#known.values()]
  }

  path(record: LayerRecord): string {
    return join(this.#dir, record.dir)
  }

  /**
   * Verifies a layer, and unpacks it unless it is here. Two calls for one layer do the unpacking once.
   *
   * @throws {EngineError} as `unpackLayer`; then nothing is left of it
   */
  async ensure(source: LayerSource, work: LayerWork): Promise<UnpackedLayer> {
    using _lock = await this.#locks.acquire(`layer ${source.diffId ?? source.path}`, work.signal)
    using _slot = await this.#slots.take(work.signal)
    if (source.diffId !== undefined && this.isWhole(source.diffId)) return unpackLayer(source, undefined, work)
    await using staging = this.#staging.create('layer')
    const layer = await unpackLayer(source, staging.directory('root'), work)
    work.onVerified?.(layer)
    this.#publish(layer, staging)
    return layer
  }

  /** Whether the layer is unpacked, and its directory still there. */
  isWhole(diffId: string): boolean {
    const record = this.#known.get(diffId)
    return record !== undefined && existsSync(this.path(record))
  }

  #publish(layer: UnpackedLayer, staging: Staging): void {
    const { diffId, unpackedSize } = layer
    if (this.isWhole(diffId)) return
    const record = this.#known.get(diffId) ?? { version: 1, diffId, dir: this.#freeName(diffId), unpackedSize }
    renameSync(join(staging.path, 'root'), this.path(record))
    this.#records.put(diffId, record)
    this.#known.set(diffId, record)
  }

  /** The shortest beginning of a layer's digits that no other layer has: a forged clash only makes a name longer. */
  #freeName(diffId: string): string {
    const hex = diffId.slice('sha256:'.length)
    const taken = new Set(readdirSync(this.#dir))
    let length = shortestName
    while (taken.has(hex.slice(0, length))) length++
    return hex.slice(0, length)
  }

  /** Forgets a layer at once, and removes its files after that. */
  async remove(diffId: string): Promise<void> {
    const record = this.#known.get(diffId)
    if (record === undefined) return
    await using staging = this.#staging.create('gone')
    this.#records.delete(diffId)
    this.#known.delete(diffId)
    if (existsSync(this.path(record))) renameSync(this.path(record), join(staging.path, 'root'))
  }

  /** Removes directories that have no record: a dead engine's. Answers their names. */
  async sweep(): Promise<readonly string[]> {
    const wanted = new Set(this.list().map(({ dir }) => dir))
    const left = readdirSync(this.#dir).filter((name) => !wanted.has(name))
    for (const name of left) await removeTree(join(this.#dir, name))
    return left
  }
}
