import { stat } from 'node:fs/promises'
import { EngineError } from '../base/errors.ts'
import { callPlugin, PluginError } from './call-plugin.ts'
import { findPlugin, type PluginAddress, type PluginPlaces } from './find-plugin.ts'

/** How one call differs from the usual. */
export interface CallOptions {
  /** False: a plugin that cannot be reached now is not tried again. */
  readonly retries?: boolean
}

/** A plugin that has said what it is. */
export interface Plugin {
  readonly name: string
  /** @returns the answer's JSON object, unchecked @throws {PluginError} */
  call(method: string, body?: unknown, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>
}

interface Activated extends Plugin {
  readonly address: PluginAddress
  /** Of its socket; undefined where it has no file. */
  readonly socket: string | undefined
  readonly implements: readonly string[]
}

/**
 * The plugins that somebody has asked for.
 *
 * Each is found and greeted once. One that cannot be reached any more, or has made its socket anew, is forgotten: the
 * next who asks for it looks for it again, where it may have moved to, and greets it.
 */
export class Plugins {
  readonly #places: PluginPlaces
  readonly #timeoutMs: number
  readonly #active = new Map<string, Promise<Activated>>()

  /** @param timeoutMs  for one call with all its retries */
  constructor({ places, timeoutMs }: { readonly places: PluginPlaces; readonly timeoutMs: number }) {
    this.#places = places
    this.#timeoutMs = timeoutMs
  }

  /**
   * The plugin of that name, which must be of that kind: `"IpamDriver"`.
   *
   * The same object as before unless it was lost in between.
   *
   * @throws {EngineError} `not-found` with Docker's words, `internal` when it does not answer or is something else
   */
  async get(name: string, kind: string, options: CallOptions = {}): Promise<Plugin> {
    const known = this.#active.get(name)
    if (known !== undefined && (await hasMoved(await known))) this.#forget(name, known)
    const plugin = await this.#activation(name, options)
    if (plugin.implements.includes(kind)) return plugin
    const wanted = `plugin=${JSON.stringify(name)}, requested implementation=${JSON.stringify(kind)}`
    throw new EngineError('internal', `legacy plugin: Plugin does not implement the requested driver: ${wanted}`)
  }

  #activation(name: string, options: CallOptions): Promise<Activated> {
    const known = this.#active.get(name)
    if (known !== undefined) return known
    const activation = this.#activate(name, options)
    this.#active.set(name, activation)
    activation.catch(() => this.#forget(name, activation)) // whoever awaits it is told why
    return activation
  }

  #forget(name: string, activation: Promise<Activated>): void {
    if (this.#active.get(name) === activation) this.#active.delete(name)
  }

  async #activate(name: string, options: CallOptions): Promise<Activated> {
    const address = await findPlugin(this.#places, name)
    if (address === undefined) throw new EngineError('not-found', `plugin ${JSON.stringify(name)} not found`)
    try {
      const socket = await socketOf(address)
      const { Implements: kinds } = await this.#call(address, 'Plugin.Activate', undefined, options)
      const isList = Array.isArray(kinds) && kinds.every((one) => typeof one === 'string')
      if (!isList) throw new PluginError(`plugin "${name}" does not say what it implements`, { answered: true })
      const call: Plugin['call'] = (method, body, more) => this.#call(address, method, body, more)
      return { name, address, socket, implements: kinds, call }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error
      throw new PluginError(`legacy plugin: ${error.message}`, { answered: error.answered, cause: error })
    }
  }

  async #call(address: PluginAddress, method: string, body: unknown, { retries = true }: CallOptions = {}) {
    try {
      return await callPlugin(address, method, body, { timeoutMs: this.#timeoutMs, retries })
    } catch (error) {
      if (error instanceof PluginError && !error.answered) this.#active.delete(address.name)
      throw error
    }
  }
}

/** True: somebody else listens there now, though by the same name. */
async function hasMoved({ address, socket }: Activated): Promise<boolean> {
  return socket !== undefined && (await socketOf(address)) !== socket
}

/** What tells a socket's file from one that was made in its place. */
async function socketOf({ url }: PluginAddress): Promise<string | undefined> {
  if (url.protocol !== 'unix:') return undefined
  const info = await stat(decodeURIComponent(url.pathname), { bigint: true }).catch(() => undefined)
  return info === undefined ? 'gone' : `${info.dev}:${info.ino}:${info.ctimeNs}`
}
