import { rfc3339Now } from '../base/clock.ts'
import { EngineError } from '../base/errors.ts'
import { createId } from '../base/id.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Descriptor } from '../kernel/descriptors.ts'
import { treeBytes } from '../kernel/tree-bytes.ts'
import type { Collection } from '../store/store.ts'
import { checkLocalOptions } from './local-options.ts'
import { anonymousLabel, needsMount, type VolumeRecord } from './model.ts'
import { mountDevice } from './mount-device.ts'
import { ShownPaths } from './shown-paths.ts'
import { VolumeDirs } from './volume-dirs.ts'
import { checkVolumeName } from './volume-name.ts'
import type { MountView, OpenVolumes, VolumeRequest, VolumeUses } from './volumes.ts'

/** What volumes build on. */
export interface VolumesInit {
  readonly records: Collection<VolumeRecord>
  /** Of the volumes' files: `<data root>/volumes`. */
  readonly dir: string
  /** Of the places where paths inside of volumes are shown; gone with a reboot. */
  readonly placesDir: string
  readonly log: Log
  /** Ids of the containers whose records name a volume. */
  usersOf(name: string): readonly string[]
  publish(action: string, name: string, attributes: Readonly<Record<string, string>>): void
}

/** The volumes of this host. Work on one of them is serial; who has it mounted is kept in memory, and told again by `recover`. */
export class LocalVolumes implements OpenVolumes {
  readonly #init: VolumesInit
  readonly #dirs: VolumeDirs
  readonly #places: ShownPaths
  readonly #records = new Map<string, VolumeRecord>()
  /** Keys: names. */
  readonly #locks = new KeyedLock()
  /** Who has a volume mounted, by its name. */
  readonly #mounted = new Map<string, Set<string>>()
  /** Containers that are being made, and the volumes that they will use. */
  readonly #holds = new Map<string, Set<string>>()

  constructor(init: VolumesInit) {
    this.#init = init
    this.#dirs = new VolumeDirs(init.dir)
    this.#places = new ShownPaths(init.placesDir)
    for (const record of init.records.list()) this.#records.set(record.name, record)
  }

  async create(request: VolumeRequest): Promise<VolumeRecord> {
    const name = request.name || createId()
    const { holder, driver = '' } = request
    if (driver !== '' && driver !== 'local') {
      const why = `error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`
      throw new EngineError('not-found', `create ${name}: ${why}`)
    }
    using _ = await this.#locks.acquire(name)
    const known = this.#get(name)
    if (known === undefined) this.#make(name, request)
    if (holder !== undefined) this.#hold(holder, name)
    return this.#records.get(name)!
  }

  find(name: string): VolumeRecord {
    const record = this.#get(name)
    if (record === undefined) throw noVolume(name)
    return record
  }

  list(): readonly VolumeRecord[] {
    return [...this.#records.values()].filter(({ removing }) => !removing)
  }

  usersOf(name: string): readonly string[] {
    const holders = [...this.#holds].filter(([, names]) => names.has(name)).map(([holder]) => holder)
    return [...new Set([...this.#init.usersOf(name), ...holders])]
  }

  async remove(name: string, { force = false, lastUser }: Parameters<OpenVolumes['remove']>[1] = {}): Promise<void> {
    if (force && this.#get(name) === undefined) return
    this.find(name)
    using _ = await this.#locks.acquire(name)
    if (force && this.#get(name) === undefined) return
    this.find(name) // somebody else may have been faster
    const users = this.usersOf(name).filter((id) => id !== lastUser)
    if (users.length > 0) {
      throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`)
    }
    await this.#takeAway(name)
  }

  async prune(wanted: (volume: VolumeRecord) => boolean): Promise<{ names: string[]; bytes: number }> {
    const names: string[] = []
    let bytes = 0
    for (const volume of this.list()) {
      if (!wanted(volume) || needsMount(volume)) continue
      if (this.usersOf(volume.name).length > 0) continue
      const size = await this.bytes(volume.name)
      try {
        await this.remove(volume.name)
      } catch (error) {
        // Somebody uses or removes it since; and one that cannot be removed must not keep the others.
        this.#init.log.debug('does not prune a volume', { volume: volume.name, error })
        continue
      }
      names.push(volume.name)
      bytes += size
    }
    return { names, bytes }
  }

  async bytes(name: string): Promise<number> {
    return needsMount(this.find(name)) ? -1 : treeBytes(this.#dirs.dataOf(name))
  }

  pathOf(name: string): string {
    return this.#dirs.dataOf(name)
  }

  settle(holder: string): void {
    for (const name of this.#holds.get(holder) ?? []) {
      const record = this.#records.get(name)
      if (record?.pendingFor === holder) this.#put({ ...record, pendingFor: undefined })
    }
    this.#holds.delete(holder)
  }

  async abandon(holder: string): Promise<void> {
    const names = [...(this.#holds.get(holder) ?? [])]
    this.#holds.delete(holder)
    for (const name of names) {
      using _ = await this.#locks.acquire(name)
      if (this.#get(name)?.pendingFor === holder) await this.#takeAway(name)
    }
  }

  async mount(name: string, user: string, how?: MountView): Promise<string> {
    using _ = await this.#locks.acquire(name)
    const record = this.find(name)
    this.#dirs.check(name)
    const path = this.#dirs.dataOf(name)
    if (needsMount(record) && !this.#dirs.isMounted(name)) await mountDevice(record.options ?? {}, path)
    this.#noteUser(name, user)
    if (how !== undefined) {
      const { destination, propagation, readOnly } = how
      const view = { container: user, destination, driver: 'local', propagation, 'read/write': String(!readOnly) }
      this.#init.publish('mount', name, view)
    }
    return path
  }

  async unmount(name: string, user: string, { quiet = false }: { readonly quiet?: boolean } = {}): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const users = this.#mounted.get(name)
    const had = users?.delete(user)
    if (users?.size === 0) this.#mounted.delete(name)
    if (!this.#mounted.has(name) && this.#isForeign(name)) this.#dirs.unmount(name)
    if (had && !quiet) this.#init.publish('unmount', name, { container: user, driver: 'local' })
  }

  async showPath(name: string, path: string, place: { readonly user: string; readonly key: string }): Promise<string> {
    using _ = await this.#locks.acquire(name)
    return this.#places.show(this.#dirs.dataOf(name), path, place)
  }

  hidePaths(user: string): void {
    this.#places.hide(user)
  }

  async populate(name: string, look: () => Promise<Descriptor | undefined>): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const record = this.find(name)
    this.#dirs.check(name)
    if (!record.copying && !(await this.#dirs.isEmpty(name))) return
    using directory = await look()
    if (directory === undefined) return
    if (!needsMount(record) && !this.#mounted.has(name) && !record.copying) {
      await this.#dirs.fillAtOnce(name, directory.fd)
      return
    }
    this.#put({ ...record, copying: true })
    await this.#dirs.fillInPlace(name, directory.fd)
    this.#put({ ...record, copying: undefined })
  }

  async recover({ isContainer, live }: VolumeUses): Promise<void> {
    const { log } = this.#init
    for (const { name, user } of live) this.#noteUser(name, user)
    for (const record of [...this.#records.values()]) {
      await this.#settleRecord(record, isContainer).catch((error: unknown) => {
        log.error('cannot finish what the last engine did with a volume', { volume: record.name, error })
      })
    }
    const users = new Set(live.map(({ user }) => user))
    for (const user of this.#places.users()) if (!users.has(user)) this.#places.hide(user)
    const strangers = this.#dirs.removeStrangers((name) => this.#records.has(name))
    if (strangers.length > 0) log.warn('leaves directories alone that belong to no volume', { names: strangers })
  }

  async #settleRecord(record: VolumeRecord, isContainer: (id: string) => boolean): Promise<void> {
    const { name, pendingFor, removing } = record
    if (removing || (pendingFor !== undefined && !isContainer(pendingFor))) {
      await this.#takeAway(name)
      return
    }
    if (pendingFor !== undefined) this.#put({ ...record, pendingFor: undefined })
    if (!this.#mounted.has(name) && this.#isForeign(name)) this.#dirs.unmount(name)
    await this.#dirs.removeHalfCopy(name)
  }

  #noteUser(name: string, user: string): void {
    const users = this.#mounted.get(name) ?? new Set()
    this.#mounted.set(name, users.add(user))
  }

  #get(name: string): VolumeRecord | undefined {
    const record = this.#records.get(name)
    return record?.removing ? undefined : record
  }

  #make(name: string, { labels, options, holder, ...request }: VolumeRequest): void {
    checkVolumeName(name)
    if (options !== undefined) checkLocalOptions(name, options)
    const anonymous = request.name === ''
    this.#dirs.ensure(name)
    this.#put({
      version: 1,
      name,
      driver: 'local',
      scope: 'local',
      created: rfc3339Now(),
      labels: anonymous ? { ...labels, [anonymousLabel]: '' } : (labels ?? null),
      options: options ?? null,
      ...(anonymous && holder !== undefined ? { pendingFor: holder } : {}),
    })
    this.#init.publish('create', name, { driver: 'local' })
  }

  /** The caller holds the lock, or nobody else is there yet. */
  async #takeAway(name: string): Promise<void> {
    const record = this.#records.get(name)!
    this.#put({ ...record, removing: true })
    try {
      await this.#dirs.remove(name)
    } catch (cause) {
      this.#put({ ...record, removing: undefined })
      const kind = cause instanceof EngineError ? cause.kind : 'internal'
      throw new EngineError(kind, `remove ${name}: ${(cause as Error).message}`, { cause })
    }
    this.#init.records.delete(name)
    this.#records.delete(name)
    this.#init.publish('destroy', name, { driver: 'local' })
  }

  #isForeign(name: string): boolean {
    const record = this.#records.get(name)
    return record !== undefined && needsMount(record)
  }

  #hold(holder: string, name: string): void {
    const names = this.#holds.get(holder) ?? new Set()
    this.#holds.set(holder, names.add(name))
  }

  #put(record: { readonly [Key in keyof VolumeRecord]: VolumeRecord[Key] | undefined }): void {
    const known = Object.entries(record).filter(([, value]) => value !== undefined)
    const kept = Object.fromEntries(known) as unknown as VolumeRecord
    this.#init.records.put(kept.name, kept)
    this.#records.set(kept.name, kept)
  }
}

function noVolume(name: string): EngineError {
  return new EngineError('not-found', `get ${name}: no such volume`)
}
