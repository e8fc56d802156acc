import { rfc3339Now } from '../base/clock.ts'
import { EngineError } from '../base/errors.ts'
import { createId } from '../base/id.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Descriptor } from '../kernel/descriptors.ts'
import type { OwnFiles, VolumeDriver } from './driver.ts'
import { anonymousLabel, type VolumeRecord } from './model.ts'
import { MountedVolumes } from './mounted-volumes.ts'
import { SetMap } from './set-map.ts'
import type { VolumeDrivers } from './volume-drivers.ts'
import type { VolumeParts } from './volume-parts.ts'
import type { VolumeTable } from './volume-table.ts'
import type { MountView, OpenVolumes, VolumeRequest, VolumeUses } from './volumes.ts'

/** The volumes of this host: which there are, and which may be removed. Work on one of them is serial. */
export class NamedVolumes implements OpenVolumes {
  readonly #parts: VolumeParts
  readonly #table: VolumeTable
  readonly #drivers: VolumeDrivers
  readonly #mounted: MountedVolumes
  /** Keys: names. */
  readonly #locks = new KeyedLock()
  /** The volumes of containers that are being made, by id. */
  readonly #holds = new SetMap()

  constructor(parts: VolumeParts) {
    this.#parts = parts
    this.#table = parts.table
    this.#drivers = parts.drivers
    this.#mounted = new MountedVolumes(parts, this.#locks)
  }

  async create(request: VolumeRequest): Promise<VolumeRecord> {
    const name = request.name || createId()
    const { holder, driver = '' } = request
    const asked = await this.#drivers.find(driver).catch((cause: EngineError) => {
      throw new EngineError(cause.kind, `create ${name}: ${cause.message}`, { cause })
    })
    using _ = await this.#locks.acquire(name)
    const known = this.#table.get(name)
    if (known === undefined) await this.#make(name, asked, request)
    else if (driver !== '' && known.driver !== asked.name) {
      const why = `driver '${known.driver}' already has volume '${name}': volume name must be unique`
      throw new EngineError('conflict', `create ${name}: ${why}`)
    }
    if (holder !== undefined) this.#holds.add(holder, name)
    return this.find(name)
  }

  find(name: string): VolumeRecord {
    return this.#table.find(name)
  }

  list(): readonly VolumeRecord[] {
    return this.#table.list()
  }

  usersOf(name: string): readonly string[] {
    return [...new Set([...this.#parts.usersOf(name), ...this.#holds.keysOf(name)])]
  }

  async remove(name: string, { force = false, lastUser }: Parameters<OpenVolumes['remove']>[1] = {}): Promise<void> {
    if (force && this.#table.get(name) === undefined) return
    this.find(name)
    using _ = await this.#locks.acquire(name)
    if (force && this.#table.get(name) === undefined) return
    const record = this.find(name) // somebody else may have been faster
    const users = this.usersOf(name).filter((id) => id !== lastUser)
    if (users.length > 0) {
      throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`)
    }
    await this.#takeAway(record, force)
  }

  async prune(wanted: (volume: VolumeRecord) => boolean): Promise<{ names: string[]; bytes: number }> {
    const names: string[] = []
    let bytes = 0
    for (const volume of this.list()) {
      const { name } = volume
      const own = this.#ownFiles(volume)
      if (!wanted(volume) || own === undefined || this.usersOf(name).length > 0) continue
      const size = await own.bytes()
      try {
        await this.remove(name)
      } catch (error) {
        // Somebody uses or removes it since; and one that cannot be removed must not keep the others.
        this.#parts.log.debug('does not prune a volume', { volume: name, error })
        continue
      }
      names.push(name)
      bytes += size
    }
    return { names, bytes }
  }

  ownsFiles(name: string): boolean {
    return this.#ownFiles(this.find(name)) !== undefined
  }

  async bytes(name: string): Promise<number> {
    return (await this.#ownFiles(this.find(name))?.bytes()) ?? -1
  }

  pathOf(name: string): string {
    const record = this.find(name)
    return this.#drivers.of(record.driver).pathOf(record)
  }

  async statusOf(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const record = this.find(name)
    return this.#drivers.of(record.driver).status(record)
  }

  settle(holder: string): void {
    for (const name of this.#holds.of(holder)) {
      const record = this.#table.get(name)
      if (record?.pendingFor === holder) this.#table.put({ ...record, pendingFor: undefined })
    }
    this.#holds.clear(holder)
  }

  async abandon(holder: string): Promise<void> {
    const names = this.#holds.of(holder)
    this.#holds.clear(holder)
    for (const name of names) {
      using _ = await this.#locks.acquire(name)
      const record = this.#table.get(name)
      if (record?.pendingFor === holder) await this.#takeAway(record)
    }
  }

  mount(name: string, user: string, how?: MountView): Promise<string> {
    return this.#mounted.mount(name, user, how)
  }

  unmount(...[name, user, options]: Parameters<OpenVolumes['unmount']>): Promise<void> {
    return this.#mounted.unmount(name, user, options)
  }

  showPath(...[name, path, place]: Parameters<OpenVolumes['showPath']>): Promise<string> {
    return this.#mounted.showPath(name, path, place)
  }

  hidePaths(user: string): void {
    this.#parts.places.hide(user)
  }

  populate(name: string, look: () => Promise<Descriptor | undefined>): Promise<void> {
    return this.#mounted.populate(name, look)
  }

  async recover({ isContainer, live }: VolumeUses): Promise<void> {
    const { log } = this.#parts
    this.#mounted.restore(live)
    for (const record of this.#table.all()) {
      await this.#settleRecord(record, isContainer).catch((error: unknown) => {
        log.error('cannot finish what the last engine did with a volume', { volume: record.name, error })
      })
    }
    const strangers = this.#drivers.removeStrangers((name) => this.#table.knows(name))
    if (strangers.length > 0) log.warn('leaves directories alone that belong to no volume', { names: strangers })
  }

  async #settleRecord(record: VolumeRecord, isContainer: (id: string) => boolean): Promise<void> {
    const { name, driver, pendingFor, removing } = record
    if (removing || (pendingFor !== undefined && !isContainer(pendingFor))) {
      await this.#takeAway(record)
      return
    }
    if (pendingFor !== undefined) this.#table.put({ ...record, pendingFor: undefined })
    await this.#drivers.of(driver).recover(this.find(name), this.#mounted.usersOf(name))
  }

  async #make(name: string, driver: VolumeDriver, request: VolumeRequest): Promise<void> {
    const { labels, options, holder } = request
    const made = await driver.create(name, options ?? {})
    const anonymous = request.name === ''
    this.#table.put({
      version: 1,
      name,
      driver: driver.name,
      scope: made.scope,
      created: rfc3339Now(),
      labels: anonymous ? { ...labels, [anonymousLabel]: '' } : (labels ?? null),
      options: options ?? null,
      mountpoint: made.mountpoint || undefined,
      pendingFor: anonymous ? holder : undefined,
    })
    this.#parts.publish('create', name, { driver: driver.name })
  }

  /** The caller holds the lock, or nobody else is there yet. @param force  as of a driver's `remove` */
  async #takeAway(asked: VolumeRecord, force = false): Promise<void> {
    const { name, driver } = asked
    const record = this.#table.put({ ...asked, removing: true })
    try {
      await this.#drivers.of(driver).remove(record, force)
    } catch (cause) {
      this.#table.put({ ...record, removing: undefined })
      const kind = cause instanceof EngineError ? cause.kind : 'internal'
      throw new EngineError(kind, `remove ${name}: ${(cause as Error).message}`, { cause })
    }
    this.#table.delete(name)
    this.#parts.publish('destroy', name, { driver })
  }

  #ownFiles(record: VolumeRecord): OwnFiles | undefined {
    return this.#drivers.of(record.driver).ownFiles(record)
  }
}
