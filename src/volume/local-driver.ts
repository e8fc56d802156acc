import type { MadeVolume, VolumeDriver } from './driver.ts'
import { checkLocalOptions } from './local-options.ts'
import { needsMount, type VolumeRecord } from './model.ts'
import { mountDevice } from './mount-device.ts'
import type { VolumeDirs } from './volume-dirs.ts'
import { checkVolumeName } from './volume-name.ts'

/** Volumes in directories of this host, or whatever their options mount there. */
export class LocalDriver implements VolumeDriver {
  readonly name = 'local'
  readonly #dirs: VolumeDirs

  constructor(dirs: VolumeDirs) {
    this.#dirs = dirs
  }

  async create(name: string, options: Readonly<Record<string, string>>): Promise<MadeVolume> {
    checkVolumeName(name)
    checkLocalOptions(name, options)
    this.#dirs.ensure(name)
    return { scope: 'local' }
  }

  async remove({ name }: VolumeRecord): Promise<void> {
    await this.#dirs.remove(name)
  }

  pathOf({ name }: VolumeRecord): string {
    return this.#dirs.dataOf(name)
  }

  async mount(volume: VolumeRecord): Promise<string> {
    const { name, options } = volume
    this.#dirs.check(name)
    if (needsMount(volume) && !this.#dirs.isMounted(name)) await mountDevice(options ?? {}, this.#dirs.dataOf(name))
    return this.#dirs.dataOf(name)
  }

  async unmount(volume: VolumeRecord, _user: string, isLast: boolean): Promise<void> {
    if (isLast && needsMount(volume)) this.#dirs.unmount(volume.name)
  }

  async status(): Promise<undefined> {
    return undefined
  }
}
