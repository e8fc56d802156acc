import { rfc3339Now } from '../base/clock.ts'
import { EngineError } from '../base/errors.ts'
import { createId } from '../base/id.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Descriptor } from '../kernel/descriptors.ts'
import { treeBytes } from '../kernel/files/tree-bytes.ts'
import { copyTree, isEmpty } from './copy-tree.ts'
import type { VolumeDriver } from './driver.ts'
import type { VolumeDrivers } from './drivers.ts'
import { anonymousLabel, needsMount, type VolumeRecord } from './model.ts'
import { PluginLoans } from './plugin-loans.ts'
import { SetMap } from './set-map.ts'
import type { ShownPaths } from './shown-paths.ts'
import type { VolumeDirs } from './volume-dirs.ts'
import type { VolumeTable } from './volume-table.ts'
import type { MountView, OpenVolumes, VolumeRequest, VolumeUses } from './volumes.ts'

/** What volumes are made of; see `open-volumes.ts`. */
export interface VolumeParts {
  readonly table: VolumeTable
  readonly dirs: VolumeDirs
  readonly drivers: VolumeDrivers
  readonly places: ShownPaths
  readonly log: Log
  /** Ids of the containers whose records name a volume. */
  usersOf(name: string): readonly string[]
  publish(action: string, name: string, attributes: Readonly<Record<string, string>>): void
}

/** The volumes of this host. Work on one of them is serial; who has it mounted is kept in memory, and told again by `recover`. */
export class NamedVolumes implements OpenVolumes {
  readonly #init: VolumeParts
  readonly #table: VolumeTable
  readonly #dirs: VolumeDirs
  readonly #drivers: VolumeDrivers
  readonly #loans: PluginLoans
  /** Keys: names. */
  readonly #locks = new KeyedLock()
  /** Who has a volume mounted, by its name. */
  readonly #mounted = new SetMap()
  /** The volumes of containers that are being made, by id. */
  readonly #holds = new SetMap()

  constructor(parts: VolumeParts) {
    this.#init = parts
    this.#table = parts.table
    this.#dirs = parts.dirs
    this.#drivers = parts.drivers
    this.#loans = new PluginLoans(parts)
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
    return [...new Set([...this.#init.usersOf(name), ...this.#holds.keysOf(name)])]
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

  async mount(name: string, user: string, how?: MountView): Promise<string> {
    using _ = await this.#locks.acquire(name)
    const record = this.find(name)
    const { driver } = record
    const isAgain = this.#mounted.of(name).includes(user)
    const path = await (driver === 'local'
      ? this.#drivers.of(driver).mount(record, user)
      : this.#loans.take(record, user, isAgain))
    this.#mounted.add(name, user)
    if (how !== undefined) {
      const { destination, propagation, readOnly } = how
      const view = { container: user, destination, driver, propagation, 'read/write': String(!readOnly) }
      this.#init.publish('mount', name, view)
    }
    return path
  }

  async unmount(name: string, user: string, { quiet = false }: { readonly quiet?: boolean } = {}): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const had = this.#mounted.delete(name, user)
    const record = this.#table.get(name)
    if (record === undefined) return
    if (record.driver !== 'local') await this.#loans.giveBack(record, user)
    else await this.#drivers.of('local').unmount(record, user, !this.#mounted.has(name))
    if (had && !quiet) this.#init.publish('unmount', name, { container: user, driver: record.driver })
  }

  async showPath(name: string, path: string, place: { readonly user: string; readonly key: string }): Promise<string> {
    using _ = await this.#locks.acquire(name)
    return this.#init.places.show(this.pathOf(name), path, place)
  }

  hidePaths(user: string): void {
    this.#init.places.hide(user)
  }

  async populate(name: string, look: () => Promise<Descriptor | undefined>): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const record = this.find(name)
    if (record.driver === 'local') this.#dirs.check(name)
    const path = this.pathOf(name)
    if (!record.copying && !(await isEmpty(path))) return
    using directory = await look()
    if (directory === undefined) return
    if (!needsMount(record) && !this.#mounted.has(name) && !record.copying) {
      await this.#dirs.fillAtOnce(name, directory.fd)
      return
    }
    // Somebody may have it mounted, and must go on seeing the same directory.
    this.#table.put({ ...record, copying: true })
    await copyTree(directory.fd, path)
    this.#table.put({ ...record, copying: undefined })
  }

  async recover({ isContainer, live }: VolumeUses): Promise<void> {
    const { log } = this.#init
    for (const { name, user } of live) this.#mounted.add(name, user)
    for (const record of this.#table.all()) {
      await this.#settleRecord(record, isContainer).catch((error: unknown) => {
        log.error('cannot finish what the last engine did with a volume', { volume: record.name, error })
      })
    }
    const users = new Set(live.map(({ user }) => user))
    for (const user of this.#init.places.users()) if (!users.has(user)) this.#init.places.hide(user)
    const strangers = this.#dirs.removeStrangers((name) => this.#table.knows(name))
    if (strangers.length > 0) log.warn('leaves directories alone that belong to no volume', { names: strangers })
  }

  async #settleRecord(record: VolumeRecord, isContainer: (id: string) => boolean): Promise<void> {
    const { name, pendingFor, removing } = record
    if (removing || (pendingFor !== undefined && !isContainer(pendingFor))) {
      await this.#takeAway(record)
      return
    }
    if (pendingFor !== undefined) this.#table.put({ ...record, pendingFor: undefined })
    const settled = this.find(name)
    if (record.driver === 'local') {
      if (!this.#mounted.has(name)) await this.#drivers.of('local').unmount(settled, '', true)
      await this.#dirs.removeHalfCopy(name)
    }
    for (const user of record.mountedBy ?? []) {
      if (!this.#mounted.of(name).includes(user)) await this.#loans.giveBack(this.find(name), user)
    }
  }

  async #make(name: string, driver: VolumeDriver, request: VolumeRequest): Promise<void> {
    const { labels, options, holder } = request
    const made = await driver.create(name, options ?? {}).catch((cause: EngineError) => {
      if (driver.name === 'local') throw cause
      throw new EngineError(cause.kind, `create ${name}: ${cause.message}`, { cause })
    })
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
    this.#init.publish('create', name, { driver: driver.name })
  }

  /**
   * The caller holds the lock, or nobody else is there yet.
   *
   * @param force  a plugin's volume is forgotten also when the plugin does not remove it
   */
  async #takeAway(asked: VolumeRecord, force = false): Promise<void> {
    const { name, driver } = asked
    const record = this.#table.put({ ...asked, removing: true })
    try {
      await this.#drivers.of(driver).remove(record)
    } catch (cause) {
      if (!force || driver === 'local') {
        this.#table.put({ ...record, removing: undefined })
        const kind = cause instanceof EngineError ? cause.kind : 'internal'
        throw new EngineError(kind, `remove ${name}: ${(cause as Error).message}`, { cause })
      }
      this.#init.log.warn('forgets a volume that its plugin keeps', { volume: name, driver, error: cause })
    }
    this.#table.delete(name)
    this.#init.publish('destroy', name, { driver })
  }
}
