import type { KeyedLock } from '../base/keyed-lock.ts'
import type { Descriptor } from '../kernel/descriptors.ts'
import { copyTree, isEmpty } from './copy-tree.ts'
import type { VolumeRecord } from './model.ts'
import { SetMap } from './set-map.ts'
import type { VolumeParts } from './volume-parts.ts'
import type { MountView, OpenVolumes, VolumeUses } from './volumes.ts'

/** The volumes that containers have mounted: who has which is kept in memory, and told again by `restore`. */
export class MountedVolumes {
  readonly #parts: VolumeParts
  readonly #locks: KeyedLock
  /** Users by the name of a volume. */
  readonly #mounted = new SetMap()

  /** @param locks  of names, held meanwhile */
  constructor(parts: VolumeParts, locks: KeyedLock) {
    this.#parts = parts
    this.#locks = locks
  }

  /** Takes over what the last engine has mounted, and takes away the places of users that are no more. */
  restore(live: VolumeUses['live']): void {
    const { places } = this.#parts
    for (const { name, user } of live) this.#mounted.add(name, user)
    const users = new Set(live.map(({ user }) => user))
    for (const user of places.users()) if (!users.has(user)) places.hide(user)
  }

  usersOf(name: string): readonly string[] {
    return this.#mounted.of(name)
  }

  async mount(name: string, user: string, how?: MountView): Promise<string> {
    using _ = await this.#locks.acquire(name)
    const { record, driver } = this.#find(name)
    const path = await driver.mount(record, user, this.#mounted.of(name).includes(user))
    this.#mounted.add(name, user)
    if (how !== undefined) {
      const { destination, propagation, readOnly } = how
      const view = { container: user, destination, driver: driver.name, propagation, 'read/write': String(!readOnly) }
      this.#parts.publish('mount', name, view)
    }
    return path
  }

  async unmount(
    name: string,
    user: string,
    { quiet = false }: Parameters<OpenVolumes['unmount']>[2] = {},
  ): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const { table, drivers, publish } = this.#parts
    const had = this.#mounted.delete(name, user)
    const record = table.get(name)
    if (record === undefined) return
    await drivers.of(record.driver).unmount(record, user, !this.#mounted.has(name))
    if (had && !quiet) publish('unmount', name, { container: user, driver: record.driver })
  }

  async showPath(name: string, path: string, place: { readonly user: string; readonly key: string }): Promise<string> {
    using _ = await this.#locks.acquire(name)
    const { record, driver } = this.#find(name)
    return this.#parts.places.show(driver.pathOf(record), path, place)
  }

  async populate(name: string, look: () => Promise<Descriptor | undefined>): Promise<void> {
    using _ = await this.#locks.acquire(name)
    const { record, driver } = this.#find(name)
    const own = driver.ownFiles(record)
    own?.check()
    const path = driver.pathOf(record)
    if (!record.copying && !(await isEmpty(path))) return
    using directory = await look()
    if (directory === undefined) return
    if (own === undefined || this.#mounted.has(name) || record.copying) await this.#fill(record, directory.fd, path)
    else await own.fillAtOnce(directory.fd)
  }

  /** File by file: somebody may have it mounted, and must go on seeing the same directory. */
  async #fill(record: VolumeRecord, directory: number, path: string): Promise<void> {
    const { table } = this.#parts
    table.put({ ...record, copying: true })
    await copyTree(directory, path)
    table.put({ ...record, copying: undefined })
  }

  #find(name: string) {
    const record = this.#parts.table.find(name)
    return { record, driver: this.#parts.drivers.of(record.driver) }
  }
}
