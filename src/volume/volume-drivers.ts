import { EngineError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Plugins } from '../plugins/plugins.ts'
import type { VolumeDriver } from './driver.ts'
import type { LocalDriver } from './drivers/local/local-driver.ts'
import { PluginDriver } from './drivers/plugin/plugin-driver.ts'
import { VolumePlugin, volumePlugin } from './drivers/plugin/volume-plugin.ts'
import type { VolumeTable } from './volume-table.ts'

/** What drivers are made of. */
export interface VolumeDriverParts {
  readonly local: LocalDriver
  readonly plugins: Plugins
  readonly table: VolumeTable
  readonly log: Log
}

/** Drivers by their names: ours, and everybody else's. */
export class VolumeDrivers {
  readonly #parts: VolumeDriverParts

  constructor(parts: VolumeDriverParts) {
    this.#parts = parts
  }

  /** The driver of a volume that there is. */
  of(name: string): VolumeDriver {
    const { local, plugins } = this.#parts
    return name === local.name ? local : new PluginDriver(new VolumePlugin(name, plugins), this.#parts)
  }

  /** The driver that a user names; `""` is ours. @throws {EngineError} with Docker's words when there is no such plugin */
  async find(name: string): Promise<VolumeDriver> {
    const { local, plugins } = this.#parts
    if (name === '' || name === local.name) return local
    try {
      await plugins.get(name, volumePlugin)
    } catch (cause) {
      const { kind, message } = cause as EngineError
      throw new EngineError(kind ?? 'internal', `error looking up volume plugin ${name}: ${message}`, { cause })
    }
    return this.of(name)
  }

  /** Removes what is left of volumes that were never recorded. @returns names of what does not look like that, and stays */
  removeStrangers(isKnown: (name: string) => boolean): readonly string[] {
    return this.#parts.local.removeStrangers(isKnown)
  }
}
