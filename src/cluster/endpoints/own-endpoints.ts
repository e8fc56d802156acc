import type { Collection, Store, StoredRecord } from '../../store/store.ts'
import type { SharedEndpoint } from '../model.ts'

/**
 * An endpoint of this host, and what is to become of it in etcd.
 *
 * `reserving`: a transaction is under way, and nobody knows what became of it if we end now. `held`: etcd must have it.
 * `releasing`: etcd must not have it. `quarantined`: etcd cannot have it, `reason` says why. One that is released with a reason was
 * never sure to be this host's: without etcd it is not taken back.
 */
export interface OwnEndpoint extends StoredRecord {
  readonly version: 1
  readonly state: 'reserving' | 'held' | 'releasing' | 'quarantined'
  readonly endpoint: SharedEndpoint
  readonly reason: string
}

/** Why an endpoint is released whose reservation nobody has confirmed: its address may be another's. */
export const notSure = 'nobody knows whether it was written'

/** Endpoints of this host, on disk: the wish that etcd is brought to, also after days without it. */
export class OwnEndpoints {
  readonly #records: Collection<OwnEndpoint>
  /** The same in memory: asked for each change in the cluster. */
  readonly #known: Map<string, OwnEndpoint>

  /** Reads what there is; what was being reserved when the engine ended is given back. */
  constructor(store: Store, nodeId: string) {
    this.#records = store.collection('cluster-endpoint')
    this.#known = new Map(this.#records.list().map((one) => [one.endpoint.id, one]))
    for (const { state, endpoint } of this.list()) {
      if (endpoint.nodeId !== nodeId) this.forget(endpoint.id)
      else if (state === 'reserving') this.put('releasing', endpoint, notSure)
    }
  }

  get(id: string): OwnEndpoint | undefined {
    return this.#known.get(id)
  }

  list(): OwnEndpoint[] {
    return [...this.#known.values()]
  }

  put(state: OwnEndpoint['state'], endpoint: SharedEndpoint, reason = ''): void {
    const record: OwnEndpoint = { version: 1, state, endpoint, reason }
    this.#records.put(endpoint.id, record)
    this.#known.set(endpoint.id, record)
  }

  /** Absent is success. */
  forget(id: string): void {
    this.#records.delete(id)
    this.#known.delete(id)
  }
}
