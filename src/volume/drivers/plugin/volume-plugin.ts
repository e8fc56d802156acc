import { askDriver, textOf } from '../../../plugins/ask-driver.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { CallOptions, Plugin, Plugins } from '../../../plugins/plugins.ts'
import type { MadeVolume } from '../../driver.ts'
import type { VolumeRecord } from '../../model.ts'

/** What a plugin says that it is when it keeps volumes. */
export const volumePlugin = 'VolumeDriver'

/**
 * A plugin that keeps volumes, and what it may be asked. It is looked for again at each call, so that it may be started
 * anew, and elsewhere.
 *
 * @source Docker's documentation of volume plugins
 */
export class VolumePlugin {
  readonly name: string
  readonly #plugins: Plugins

  constructor(name: string, plugins: Plugins) {
    this.name = name
    this.#plugins = plugins
  }

  async create(name: string, options: Readonly<Record<string, string>>): Promise<MadeVolume> {
    await this.#ask('Create', { Name: name, Opts: options })
    const { Capabilities } = await this.#ask('Capabilities', {}).catch(ifAnswered)
    const scope = isObject(Capabilities) && Capabilities['Scope'] === 'global' ? 'global' : 'local'
    return { scope, mountpoint: await this.#text('Path', { Name: name }).catch(() => '') } // a plugin need not know yet
  }

  async remove({ name }: VolumeRecord): Promise<void> {
    await this.#ask('Remove', { Name: name })
  }

  /** @throws {PluginError} also when the plugin names no absolute path: nothing else can be mounted */
  async mount({ name }: VolumeRecord, user: string): Promise<string> {
    const path = await this.#text('Mount', { Name: name, ID: user })
    if (path.startsWith('/')) return path
    const problem = `plugin "${this.name}" names no absolute path for volume "${name}": "${path}"`
    throw new PluginError(problem, { answered: true })
  }

  async unmount({ name }: VolumeRecord, user: string): Promise<void> {
    await this.#ask('Unmount', { Name: name, ID: user }, { retries: false })
  }

  async status({ name }: VolumeRecord): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { Volume } = await this.#ask('Get', { Name: name })
    const status = isObject(Volume) ? Volume['Status'] : undefined
    return isObject(status) ? status : undefined
  }

  async #ask(method: string, body: object, options?: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return askDriver(await this.#plugin(options), volumePlugin, method, body, options)
  }

  async #text(method: string, body: object): Promise<string> {
    const plugin = await this.#plugin()
    return textOf(plugin, await askDriver(plugin, volumePlugin, method, body), 'Mountpoint')
  }

  #plugin(options?: CallOptions): Promise<Plugin> {
    return this.#plugins.get(this.name, volumePlugin, options)
  }
}

/** A plugin that does not know the question has nothing to say. */
function ifAnswered(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof PluginError && error.answered) return {}
  throw error
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
