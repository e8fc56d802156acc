import { treeBytes } from '../../../kernel/files/tree-bytes.ts'
import type { MadeVolume, OwnFiles, VolumeDriver } from '../../driver.ts'
import type { VolumeRecord } from '../../model.ts'
import { checkLocalOptions } from './local-options.ts'
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

  ownFiles(volume: VolumeRecord): OwnFiles | undefined {
    if (needsMount(volume)) return undefined
    const { name } = volume
    return {
      check: () => this.#dirs.check(name),
      bytes: () => treeBytes(this.#dirs.dataOf(name)),
      fillAtOnce: (directory) => this.#dirs.fillAtOnce(name, directory),
    }
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

  async recover(volume: VolumeRecord, users: readonly string[]): Promise<void> {
    await this.unmount(volume, '', users.length === 0)
    await this.#dirs.removeHalfCopy(volume.name)
  }

  async status(): Promise<undefined> {
    return undefined
  }

  /** Removes the directories of volumes that were never recorded, where nothing is in them. @returns those that stay */
  removeStrangers(isKnown: (name: string) => boolean): readonly string[] {
    return this.#dirs.removeStrangers(isKnown)
  }
}

/** Whether its options show something else than a directory of the engine's own. */
function needsMount({ options }: VolumeRecord): boolean {
  return Boolean(options?.['type'] || options?.['device'])
}
