import type { Collection, Store, StoredRecord } from '../../store/store.ts'
import type { KeyValue } from '../etcd/codec.ts'
import type { KeyChange } from './replica.ts'

interface MirroredKey extends StoredRecord {
  readonly version: 1
  readonly key: string
  readonly value: string
}

/** What is known of the cluster as a whole. */
export interface ClusterFacts extends StoredRecord {
  readonly version: 1
  /** Path of the keys: another one is another cluster. */
  readonly root: string
  /** Content of the `cluster` key; empty before it was first read. */
  readonly dataId: string
  /** Etcd's own id of its members together. */
  readonly etcdId: string
  readonly revision: number
  /** Ids of nodes whose grace period was over: a restart of the engine gives them no new one. */
  readonly dead?: readonly string[]
}

/** Milliseconds that changes are gathered for before they are written, all in one transaction. */
const gatherMs = 200

/**
 * The copy on disk, for a start without etcd. It may be a little late: whatever it says is listed again when etcd is
 * there, so nothing waits for it.
 */
export class Mirror implements Disposable {
  readonly #store: Store
  readonly #keys: Collection<MirroredKey>
  readonly #facts: Collection<ClusterFacts>
  readonly #dirty = new Map<string, string | undefined>()
  #known: ClusterFacts
  #timer: NodeJS.Timeout | undefined

  /** Opens the copy; what it has of a cluster with another path, and what is not to be read, is forgotten. */
  constructor(store: Store, root: string) {
    this.#store = store
    this.#keys = store.collection('cluster-key')
    this.#facts = store.collection('cluster')
    const known = this.#facts.get('facts')
    if (known !== undefined && isReadable(known) && known.root === root) {
      this.#known = known
      return
    }
    this.#known = { version: 1, root, dataId: '', etcdId: '', revision: 0 }
    store.transaction(() => {
      for (const { key } of this.#readableKeys()) this.#keys.delete(key)
      this.#facts.put('facts', this.#known)
    })
  }

  get facts(): ClusterFacts {
    return this.#known
  }

  load(): KeyValue[] {
    return this.#readableKeys().map(({ key, value }) => ({ key, value, createRevision: 0, modRevision: 0 }))
  }

  #readableKeys(): MirroredKey[] {
    return this.#keys
      .list()
      .filter(({ version, key, value }) => version === 1 && typeof key === 'string' && typeof value === 'string')
  }

  /** Writes at once: by these the next start knows whose data it meets. */
  learn(facts: Partial<Pick<ClusterFacts, 'dataId' | 'etcdId' | 'revision' | 'dead'>>): void {
    this.#known = { ...this.#known, ...facts }
    this.#facts.put('facts', this.#known)
  }

  /** Takes changes that are to be written soon. */
  note(changes: readonly KeyChange[], revision: number): void {
    for (const { key, after } of changes) this.#dirty.set(key, after)
    this.#known = { ...this.#known, revision }
    if (changes.length > 0) this.#timer ??= setTimeout(() => this.flush(), gatherMs)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#store.transaction(() => {
      for (const [key, value] of this.#dirty) {
        if (value === undefined) this.#keys.delete(key)
        else this.#keys.put(key, { version: 1, key, value })
      }
      this.#facts.put('facts', this.#known)
    })
    this.#dirty.clear()
  }

  [Symbol.dispose](): void {
    this.flush()
  }
}

/** False for what a newer engine has written, or nobody: a copy is as good as none, and etcd has it all. */
function isReadable({ version, dataId, etcdId, revision, dead = [] }: ClusterFacts): boolean {
  const areTexts = [dataId, etcdId].every((one) => typeof one === 'string')
  return version === 1 && areTexts && Number.isSafeInteger(revision) && Array.isArray(dead)
}
