import { createId } from '../../../base/id.ts'
import { KeyedLock } from '../../../base/keyed-lock.ts'
import type { Log } from '../../../base/log.ts'
import type { Plugin, Plugins } from '../../../plugins/plugins.ts'
import type { OwedRemoval } from '../../model.ts'
import type { NetworkTable } from '../../network-table.ts'
import { NetworkPlugin, networkKind, type Removal } from './network-plugin.ts'

/** What is remembered of removals that a plugin has not heard of yet. */
export type RemovalBook = Pick<NetworkTable, 'endpoint' | 'owedRemovals' | 'commit'>

interface ConnectionParts {
  readonly name: string
  readonly plugins: Plugins
  readonly book: RemovalBook
  readonly log: Log
  /** A plugin has come that was not there before: it is told what it may have forgotten. */
  readonly onGreeted: (plugin: NetworkPlugin) => Promise<void>
}

/**
 * The way to one plugin, whether it is there or not.
 *
 * One that refuses (`Err`, or an HTTP status) has made nothing, and its words are passed on. One that hangs, dies or answers
 * garbage fails the call, and is told to remove what it may have made; told once more, if it refuses what it never answered
 * for. One that is away delays no start and no removal: when it is there again it hears first what it is owed, then of its
 * networks.
 *
 * What is to be removed is recorded first (`owe`), and stays so until the plugin has heard it: an engine that is killed,
 * or a plugin that is away, leaves nothing behind. Nothing is asked of a plugin before it has heard what it is owed.
 */
export class PluginConnection {
  readonly #parts: ConnectionParts
  readonly #locks = new KeyedLock()
  /** Ids of removals that are recorded only for the case that the engine dies now. */
  readonly #held = new Set<string>()
  /** Keys of what the plugin was asked to make and did not answer: it may be making it still. */
  readonly #doubts = new Set<string>()
  #current: { readonly plugin: Plugin; readonly opened: Promise<NetworkPlugin> } | undefined
  #scope: NetworkPlugin['scope'] = 'local'

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    const stale = this.#owed().filter(({ endpointId = '' }) => parts.book.endpoint(endpointId) !== undefined)
    parts.book.commit({ withoutOwedRemovals: stale.map(({ id }) => id) }) // recorded since, or to be removed again
  }

  /** As it said the last time. */
  get scope(): NetworkPlugin['scope'] {
    return this.#scope
  }

  get isGreeted(): boolean {
    return this.#current !== undefined
  }

  /** @throws {EngineError} `not-found`, with Docker's words, when there is no such plugin; `internal` when it fails */
  async ready(retries: boolean): Promise<NetworkPlugin> {
    const { name, plugins } = this.#parts
    const plugin = await plugins.get(name, networkKind, { retries })
    if (this.#current?.plugin !== plugin) this.#greet(plugin, retries)
    const opened = await this.#current!.opened
    await this.#payAll(opened, retries)
    return opened
  }

  #greet(plugin: Plugin, retries: boolean): void {
    const opened = NetworkPlugin.open(plugin, { retries }).then(async (one) => {
      this.#scope = one.scope
      await this.#parts.onGreeted(one)
      return one
    })
    const current = { plugin, opened }
    this.#current = current
    opened.catch(() => {
      if (this.#current === current) this.#current = undefined // whoever awaits it is told why
    })
  }

  /** Records what the plugin is to remove. @param held  only in case that the engine dies: until `release` or `drop` */
  owe(removal: Removal, held = false): void {
    const known = this.#owed().find((one) => isSame(one, removal))
    const record: OwedRemoval = { ...this.removalOf(removal), ...known, ...removal }
    this.#parts.book.commit({ owedRemovals: [record] })
    if (held) this.#held.add(record.id)
    else this.#held.delete(record.id)
  }

  /** What is to be recorded when somebody else does it, in a step of their own. */
  removalOf(removal: Removal): OwedRemoval {
    return { version: 1, id: createId(), driver: this.#parts.name, ...removal }
  }

  /** It is to be removed, though the engine lives. */
  release(removal: Removal): void {
    for (const one of this.#owed()) if (isSame(one, removal)) this.#held.delete(one.id)
  }

  /** The plugin did not say whether it made this: a removal that it refuses it may not have come to yet. */
  doubt(removal: Removal): void {
    this.#doubts.add(keyOf(removal))
  }

  /** It is not to be removed after all. */
  drop(removal: Removal): void {
    const ids = this.#owed().filter((one) => isSame(one, removal)).map(({ id }) => id) // biome-ignore format: one line
    for (const id of ids) this.#held.delete(id)
    this.#parts.book.commit({ withoutOwedRemovals: ids })
  }

  /** Tells the plugin what it is owed, if it can be reached now; else it stays owed. */
  async settle(): Promise<void> {
    if (this.#owed().every(({ id }) => this.#held.has(id))) return
    try {
      await this.ready(false)
    } catch (error) {
      this.#parts.log.warn('owes removals to a plugin that cannot be reached', { plugin: this.#parts.name, error })
    }
  }

  #owed(): readonly OwedRemoval[] {
    return this.#parts.book.owedRemovals(this.#parts.name)
  }

  /** @throws {PluginError} when the plugin cannot be reached; what it has not heard stays owed */
  async #payAll(plugin: NetworkPlugin, retries: boolean): Promise<void> {
    const { name, book, log } = this.#parts
    if (this.#owed().length === 0) return
    using _ = await this.#locks.acquire(name)
    const due = this.#owed().filter(({ id }) => !this.#held.has(id))
    for (const removal of due.toSorted((a, b) => Number(isNetwork(a)) - Number(isNetwork(b)))) {
      const refusals = await plugin.remove(removal, { retries })
      for (const error of refusals) log.warn('a plugin refuses a removal', { plugin: name, ...removal, error })
      // What it refuses it has heard: asking again would change nothing, unless it makes it only now.
      if (this.#doubts.delete(keyOf(removal)) && refusals.length > 0) continue
      book.commit({ withoutOwedRemovals: [removal.id] })
    }
  }
}

function isNetwork({ endpointId }: Removal): boolean {
  return endpointId === undefined
}

function isSame(a: Removal, b: Removal): boolean {
  return keyOf(a) === keyOf(b)
}

function keyOf({ networkId, endpointId = '' }: Removal): string {
  return `${networkId} ${endpointId}`
}
