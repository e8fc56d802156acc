import { RemoteDriver, type RemoteParts } from './remote-driver.ts'

/** The drivers that are plugins, by name: those that somebody has asked for, or that records name. */
export class RemoteDrivers {
  readonly #parts: RemoteParts
  readonly #drivers = new Map<string, RemoteDriver>()

  constructor(parts: RemoteParts) {
    this.#parts = parts
    for (const { driver } of parts.book.owedRemovals()) this.recall(driver)
  }

  /** Looks for a plugin, and knows it from then on. @throws {EngineError} as `Plugins.get` */
  async find(name: string): Promise<void> {
    const driver = this.#drivers.get(name) ?? new RemoteDriver(name, this.#parts)
    await driver.greet()
    if (!this.#drivers.has(name)) this.#drivers.set(name, driver)
  }

  /** A driver that records name: it is known, whether its plugin is there or not. */
  recall(name: string): void {
    if (!this.#drivers.has(name)) this.#drivers.set(name, new RemoteDriver(name, this.#parts))
  }

  get(name: string): RemoteDriver | undefined {
    return this.#drivers.get(name)
  }

  all(): readonly RemoteDriver[] {
    return [...this.#drivers.values()]
  }

  /** The engine has started: plugins are greeted, and told what they are owed and what they may have forgotten. */
  async resume(): Promise<void> {
    await Promise.all(this.all().map((driver) => driver.resume()))
  }
}
