import { EngineError } from '../../base/errors.ts'
import type { NetworkDriver } from '../driver.ts'
import type { RemoteDrivers } from './remote/remote-drivers.ts'

/** The drivers by name: our own, and plugins. */
export class DriverRegistry {
  readonly #drivers: ReadonlyMap<string, NetworkDriver>
  readonly #plugins: RemoteDrivers

  /** Names of the drivers that come with the engine, in the order of their letters. */
  readonly ownNames: readonly string[]

  /** @param plugins  what is no driver of ours is looked for among them */
  constructor(drivers: readonly NetworkDriver[], plugins: RemoteDrivers) {
    this.#drivers = new Map(drivers.map((driver) => [driver.name, driver]))
    this.#plugins = plugins
    this.ownNames = [...this.#drivers.keys()].sort()
  }

  /**
   * Makes sure that `driver` knows it, also when it is a plugin.
   *
   * @throws {EngineError} `not-found` with Docker's words; `internal` when the plugin does not answer, or is something else
   */
  async find(name: string): Promise<void> {
    if (!this.#drivers.has(name)) await this.#plugins.find(name)
  }

  /** A driver that a record names: `driver` knows it, whether its plugin is there or not. */
  recall(name: string): void {
    if (!this.#drivers.has(name)) this.#plugins.recall(name)
  }

  /** The engine has started: plugins are greeted. */
  async resume(): Promise<void> {
    await this.#plugins.resume()
  }

  /** @throws {EngineError} `not-found` with Docker's words */
  driver(name: string): NetworkDriver {
    const driver = this.#drivers.get(name) ?? this.#plugins.get(name)
    if (driver === undefined) throw new EngineError('not-found', `plugin ${JSON.stringify(name)} not found`)
    return driver
  }

  /** The driver that does the work for a network with these options. @throws {EngineError} as `driver` */
  driverFor(name: string, options: Readonly<Record<string, string>>): NetworkDriver {
    const named = this.driver(name)
    return named.backendFor?.(options) ?? named
  }

  all(): readonly NetworkDriver[] {
    const own = [...this.#drivers.values()].flatMap((driver) => [driver, ...(driver.backends ?? [])])
    return [...own, ...this.#plugins.all()]
  }
}
