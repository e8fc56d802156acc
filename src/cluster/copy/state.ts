import type { Log } from '../../base/log.ts'
import type { Store } from '../../store/store.ts'
import { AddressPools } from '../endpoints/address-pools.ts'
import type { Addressing } from '../endpoints/addressing.ts'
import type { KeyValue, WatchEvent } from '../etcd/codec.ts'
import type { ClusterChange } from '../model.ts'
import type { Keys } from './keys.ts'
import { Mirror } from './mirror.ts'
import { NodeTable } from './node-table.ts'
import { type KeyChange, Replica } from './replica.ts'
import { View } from './view.ts'

type Listener = (changes: readonly ClusterChange[]) => void

/** All that this host knows of the cluster: the copy of the keys, what they mean, the copy on disk, and who listens. */
export class State implements Disposable {
  readonly keys: Keys
  readonly replica = new Replica()
  readonly view: View
  readonly nodes: NodeTable
  readonly pools: AddressPools
  readonly mirror: Mirror
  readonly #listeners = new Set<Listener>()
  readonly #log: Log
  readonly #holdMs: number
  #hold: NodeJS.Timeout | undefined

  constructor(parts: {
    readonly keys: Keys
    readonly store: Store
    readonly addressing: Addressing
    readonly graceMs: number
    readonly holdMs: number
    readonly log: Log
  }) {
    this.keys = parts.keys
    this.#log = parts.log
    this.#holdMs = parts.holdMs
    this.mirror = new Mirror(parts.store, parts.keys.root)
    this.nodes = new NodeTable(parts.graceMs, (changes) => this.tell(changes), this.mirror.facts.dead)
    this.view = new View({ keys: parts.keys, nodes: this.nodes, log: parts.log })
    this.pools = new AddressPools(parts.addressing, (networkId) => this.view.endpoints(networkId))
    this.view.apply(this.replica.reset(this.mirror.load(), this.mirror.facts.revision))
  }

  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /**
   * Takes a whole list; see `Replica.reset`. What an older backup has not is kept for a while: its owners write it
   * again, and containers that talk to each other meanwhile must not notice.
   */
  reset(kvs: readonly KeyValue[], revision: number, isOther: boolean): void {
    this.#take(this.replica.reset(kvs, revision, isOther))
    if (!isOther) return
    clearTimeout(this.#hold)
    this.#hold = setTimeout(() => {
      this.#hold = undefined
      this.#take(this.replica.dropDoubtful())
    }, this.#holdMs)
    this.#hold.unref()
  }

  /** An older backup was restored a moment ago: not everybody has written again what is theirs. */
  get isHolding(): boolean {
    return this.#hold !== undefined
  }

  /** Takes what the watch says. */
  apply(events: readonly WatchEvent[], revision: number): void {
    this.#take(this.replica.apply(events, revision))
  }

  /** Takes what a transaction of ours wrote; undefined: removed. */
  anticipate(revision: number, writes: readonly (readonly [string, string | undefined])[]): void {
    this.#take(this.replica.anticipate(writes, revision))
  }

  /** A listener that throws is a bug; the others hear of the change all the same. */
  tell(changes: readonly ClusterChange[]): void {
    if (changes.length === 0) return
    if (changes.some(({ type }) => type === 'node-state' || type === 'node-left')) {
      this.mirror.learn({ dead: this.nodes.dead() })
    }
    for (const listener of this.#listeners) {
      try {
        listener(changes)
      } catch (error) {
        this.#log.error('a listener to the cluster fails', { error: (error as Error).stack })
      }
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#hold)
    this.nodes[Symbol.dispose]()
    this.mirror[Symbol.dispose]()
  }

  #take(changes: readonly KeyChange[]): void {
    this.mirror.note(changes, this.replica.revision)
    const told = this.view.apply(changes)
    this.pools.apply(told)
    this.tell(told)
  }
}
