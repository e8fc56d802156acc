import { KeyedLock } from '../../../base/keyed-lock.ts'
import type { Log } from '../../../base/log.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { Plugin, Plugins } from '../../../plugins/plugins.ts'
import type { NetworkRecord } from '../../model.ts'
import type { NetworkTable } from '../../network-table.ts'
import { IpamPlugin, ipamKind } from './ipam-plugin.ts'
import { replayRequests } from './replay.ts'

type RemoteTable = Pick<NetworkTable, 'networks' | 'endpointsOfNetwork' | 'owed' | 'commit'>

/**
 * The address managers that are plugins.
 *
 * What is to be given back is recorded together with the change that made it free (`owed`), and stays recorded until
 * the plugin has heard it: an engine that is killed, or a plugin that is away, loses nothing. Nothing is asked of a
 * plugin before it has been given back what it is owed.
 */
export class RemoteIpam {
  readonly #plugins: Plugins
  readonly #table: RemoteTable
  readonly #log: Log
  readonly #locks = new KeyedLock()
  readonly #open = new WeakMap<Plugin, Promise<IpamPlugin>>()

  constructor({ plugins, table, log }: { readonly plugins: Plugins; readonly table: RemoteTable; readonly log: Log }) {
    this.#plugins = plugins
    this.#table = table
    this.#log = log
  }

  /** @throws {EngineError} `not-found`, with Docker's words, when there is no such plugin; `internal` when it fails */
  async driver(name: string): Promise<IpamPlugin> {
    const plugin = await this.#find(name, true)
    await this.#payAll(plugin, true)
    return plugin
  }

  /** Gives back to a plugin what it is owed, if it can be reached now; else it stays owed. */
  async settle(name: string): Promise<void> {
    if (this.#table.owed(name).length === 0) return
    try {
      await this.#payAll(await this.#find(name, false), false)
    } catch (error) {
      this.#log.warn('owes addresses to a plugin that cannot be reached', { plugin: name, error })
    }
  }

  /** An engine has started: plugins are greeted, told what they have forgotten, and given back what they are owed. */
  async resume(): Promise<void> {
    const users = this.#table.networks().filter(isRemote)
    const names = new Set([...users.map(({ ipam }) => ipam.driver), ...this.#table.owed().map(({ driver }) => driver)])
    await Promise.all(
      Array.from(names, async (name) => {
        try {
          await this.#payAll(await this.#find(name, false), false)
        } catch (error) {
          this.#log.warn('cannot reach the plugin that manages addresses of ours', { plugin: name, error })
        }
      }),
    )
  }

  async #find(name: string, retries: boolean): Promise<IpamPlugin> {
    const plugin = await this.#plugins.get(name, ipamKind, { retries })
    const known = this.#open.get(plugin)
    if (known !== undefined) return known
    const opening = this.#greet(plugin, retries)
    this.#open.set(plugin, opening)
    opening.catch(() => this.#open.delete(plugin)) // whoever awaits it is told why
    return opening
  }

  async #greet(plugin: Plugin, retries: boolean): Promise<IpamPlugin> {
    const opened = await IpamPlugin.open(plugin, { retries })
    if (opened.capabilities.requiresReplay) await replayRequests(opened, this.#table, this.#log)
    return opened
  }

  /** @throws {PluginError} when the plugin cannot be reached; what it has not heard stays owed */
  async #payAll(plugin: IpamPlugin, retries: boolean): Promise<void> {
    using _ = await this.#locks.acquire(plugin.name)
    for (const { id, releases } of this.#table.owed(plugin.name)) {
      for (const release of releases) {
        await plugin.release(release, { retries }).catch((error: unknown) => {
          // It has heard us: asking again would change nothing.
          if (!(error instanceof PluginError && error.answered)) throw error
          this.#log.warn('a plugin does not take an address back', { plugin: plugin.name, ...release, error })
        })
      }
      this.#table.commit({ withoutOwed: [id] })
    }
  }
}

/** True: somebody else manages the network's addresses. */
export function isRemote({ ipam }: Pick<NetworkRecord, 'ipam'>): boolean {
  return ipam.pools !== undefined
}
