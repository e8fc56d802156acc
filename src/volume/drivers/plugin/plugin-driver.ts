import { EngineError } from '../../../base/errors.ts'
import type { Log } from '../../../base/log.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { MadeVolume, VolumeDriver } from '../../driver.ts'
import type { VolumeRecord } from '../../model.ts'
import type { VolumeTable } from '../../volume-table.ts'
import type { VolumePlugin } from './volume-plugin.ts'

/** Volumes of a plugin. For whom it has mounted one is recorded before it is asked, until it has heard the end of it. */
export class PluginDriver implements VolumeDriver {
  readonly #plugin: VolumePlugin
  readonly #table: VolumeTable
  readonly #log: Log

  constructor(plugin: VolumePlugin, { table, log }: { readonly table: VolumeTable; readonly log: Log }) {
    this.#plugin = plugin
    this.#table = table
    this.#log = log
  }

  get name(): string {
    return this.#plugin.name
  }

  async create(name: string, options: Readonly<Record<string, string>>): Promise<MadeVolume> {
    try {
      return await this.#plugin.create(name, options)
    } catch (cause) {
      const { kind, message } = cause as EngineError
      throw new EngineError(kind, `create ${name}: ${message}`, { cause })
    }
  }

  async remove(volume: VolumeRecord, force: boolean): Promise<void> {
    try {
      await this.#plugin.remove(volume)
    } catch (error) {
      if (!force) throw error
      this.#log.warn('forgets a volume that its plugin keeps', { volume: volume.name, driver: this.name, error })
    }
  }

  pathOf({ mountpoint = '' }: VolumeRecord): string {
    return mountpoint
  }

  ownFiles(): undefined {
    return undefined
  }

  async mount(volume: VolumeRecord, user: string, isAgain: boolean): Promise<string> {
    const { mountedBy = [], mountpoint = '' } = volume
    if (isAgain && mountpoint !== '') return mountpoint
    const lent = this.#table.put({ ...volume, mountedBy: [...new Set([...mountedBy, user])] })
    try {
      const path = await this.#plugin.mount(volume, user)
      this.#table.put({ ...lent, mountpoint: path })
      return path
    } catch (cause) {
      // What has not answered may have heard all the same: then it is given back, by this engine or the next.
      if (!(cause instanceof PluginError) || cause.answered) this.#table.put(volume)
      const why = (cause as Error).message
      throw new EngineError('internal', `error while mounting volume '${mountpoint}': ${why}`, { cause })
    }
  }

  /** What the plugin does not hear of now it is told by the next engine. */
  async unmount(volume: VolumeRecord, user: string): Promise<void> {
    const { name, mountedBy = [] } = volume
    if (!mountedBy.includes(user)) return
    try {
      await this.#plugin.unmount(volume, user)
    } catch (error) {
      this.#log.warn('a plugin does not take its volume back', { volume: name, driver: this.name, error })
      if (!(error instanceof PluginError) || !error.answered) return
    }
    const others = mountedBy.filter((one) => one !== user)
    this.#table.put({ ...volume, mountedBy: others.length > 0 ? others : undefined })
  }

  async recover({ name, mountedBy = [] }: VolumeRecord, users: readonly string[]): Promise<void> {
    for (const user of mountedBy) {
      if (!users.includes(user)) await this.unmount(this.#table.find(name), user)
    }
  }

  status(volume: VolumeRecord): Promise<Readonly<Record<string, unknown>> | undefined> {
    return this.#plugin.status(volume)
  }
}
