import { EngineError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { PluginError } from '../plugins/call-plugin.ts'
import type { VolumeDrivers } from './drivers.ts'
import type { VolumeRecord } from './model.ts'
import type { VolumeTable } from './volume-table.ts'

/** Volumes that plugins have mounted for containers: recorded before they are asked, until they have heard the end of it. */
export class PluginLoans {
  readonly #table: VolumeTable
  readonly #drivers: VolumeDrivers
  readonly #log: Log

  constructor(parts: { readonly table: VolumeTable; readonly drivers: VolumeDrivers; readonly log: Log }) {
    this.#table = parts.table
    this.#drivers = parts.drivers
    this.#log = parts.log
  }

  /**
   * Asks a plugin to mount its volume.
   *
   * @param isAgain  it has done so for this user
   * @returns where the files are
   */
  async take(record: VolumeRecord, user: string, isAgain: boolean): Promise<string> {
    const { driver, mountedBy = [], mountpoint = '' } = record
    if (isAgain && mountpoint !== '') return mountpoint
    const lent = this.#table.put({ ...record, mountedBy: [...new Set([...mountedBy, user])] })
    try {
      const path = await this.#drivers.of(driver).mount(record, user)
      this.#table.put({ ...lent, mountpoint: path })
      return path
    } catch (cause) {
      // What has not answered may have heard all the same: then it is given back, by this engine or the next.
      if (!(cause instanceof PluginError) || cause.answered) this.#table.put(record)
      const why = (cause as Error).message
      throw new EngineError('internal', `error while mounting volume '${mountpoint}': ${why}`, { cause })
    }
  }

  /** Tells a plugin that a user has ended. What it does not hear of now it is told by the next engine. */
  async giveBack(record: VolumeRecord, user: string): Promise<void> {
    const { name, driver, mountedBy = [] } = record
    if (!mountedBy.includes(user)) return
    const others = mountedBy.filter((one) => one !== user)
    try {
      await this.#drivers.of(driver).unmount(record, user, others.length === 0)
    } catch (error) {
      this.#log.warn('a plugin does not take its volume back', { volume: name, driver, error })
      if (!(error instanceof PluginError) || !error.answered) return
    }
    this.#table.put({ ...record, mountedBy: others.length > 0 ? others : undefined })
  }
}
