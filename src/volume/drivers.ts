import { EngineError } from '../base/errors.ts'
import type { Plugins } from '../plugins/plugins.ts'
import type { VolumeDriver } from './driver.ts'
import type { LocalDriver } from './local-driver.ts'
import { RemoteDriver } from './remote-driver.ts'

/** Drivers by their names: ours, and everybody else's. */
export class VolumeDrivers {
  readonly #local: LocalDriver
  readonly #plugins: Plugins

  constructor(local: LocalDriver, plugins: Plugins) {
    this.#local = local
    this.#plugins = plugins
  }

  /** The driver of a volume that there is. */
  of(name: string): VolumeDriver {
    return name === this.#local.name ? this.#local : new RemoteDriver(name, this.#plugins)
  }

  /** The driver that a user names. @throws {EngineError} with Docker's words when there is no such plugin */
  async find(name: string): Promise<VolumeDriver> {
    if (name === '' || name === this.#local.name) return this.#local
    try {
      await this.#plugins.get(name, 'VolumeDriver')
    } catch (cause) {
      const { kind, message } = cause as EngineError
      throw new EngineError(kind ?? 'internal', `error looking up volume plugin ${name}: ${message}`, { cause })
    }
    return this.of(name)
  }
}
