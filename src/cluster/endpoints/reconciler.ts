import { Background } from '../../base/background.ts'
import { EngineError } from '../../base/errors.ts'
import { KeyedLock } from '../../base/keyed-lock.ts'
import type { Log } from '../../base/log.ts'
import { formatRecord, parseNetwork } from '../copy/records.ts'
import type { State } from '../copy/state.ts'
import { EtcdError } from '../etcd/errors.ts'
import type { ClusterChange, SharedEndpoint } from '../model.ts'
import type { Networks } from '../networks.ts'
import type { Gate } from '../session/gate.ts'
import type { EndpointWriter } from './endpoint-writer.ts'
import type { OwnEndpoint, OwnEndpoints } from './own-endpoints.ts'

/** Endpoints that are brought to etcd at the same time. */
const atOnce = 16
/** Milliseconds until what failed is tried again, if no new list comes before. */
const againMs = 1_000
/** The same, for what waits for others to tidy up. */
const soonMs = 200

/** What the reconciler needs. */
export interface ReconcilerParts {
  readonly state: State
  readonly gate: Gate
  readonly own: OwnEndpoints
  readonly writer: EndpointWriter
  readonly networks: Networks
  readonly nodeId: string
  readonly log: Log
  /** This node's registration was removed. */
  onRemoved(): void
}

/**
 * Brings etcd to what this host owns. It looks at the wish and at the copy of etcd, never at what happened: so it does
 * not matter what was missed, or how often it runs.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #lock = new KeyedLock()
  readonly #background: Background
  readonly #again = new Set<NodeJS.Timeout>()
  #isClosed = false

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#background = new Background((what, error) => this.#fail(what, error))
  }

  /** After each list: networks that an older backup lost, then all endpoints of ours, then those that nobody wants. */
  all(isOther: boolean): void {
    this.#background.run('bring the cluster up to date', async () => {
      if (isOther) await this.#restoreNetworks()
      const { own, state, nodeId } = this.#parts
      const ghosts = state.view.ofNode(nodeId).map(({ id }) => id)
      const ids = [...new Set([...own.list().map(({ endpoint }) => endpoint.id), ...ghosts])]
      const work = ids.values()
      const worker = async () => {
        for (const id of work) await this.try(id)
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
    })
  }

  /** True when a list lacks an endpoint that this host holds, and that etcd had when it was last heard of. */
  misses(listed: ReadonlySet<string>): boolean {
    const { own, state } = this.#parts
    return own.list().some(({ state: is, endpoint }) => {
      const key = state.keys.ep(endpoint.networkId, endpoint.id)
      return is === 'held' && !listed.has(key) && state.replica.get(key) !== undefined
    })
  }

  /** What others, or nobody, should have done to what is ours. */
  follow(changes: readonly ClusterChange[]): void {
    const { nodeId, onRemoved } = this.#parts
    for (const change of changes) {
      if (change.type === 'node-left' && change.node.id === nodeId) onRemoved()
      if (!('endpoint' in change) || change.endpoint.nodeId !== nodeId) continue
      if (change.type !== 'endpoint-quarantined' && !this.#isSettled(change.endpoint)) this.later(change.endpoint.id)
    }
  }

  /** Settles an endpoint in the background. */
  later(id: string): void {
    this.#background.run('bring an endpoint up to date', () => this.try(id))
  }

  /** Settles an endpoint; what etcd does not let us do now is done later. */
  async try(id: string): Promise<void> {
    if (!this.#parts.gate.isOpen) return
    try {
      await this.settle(id)
    } catch (error) {
      this.#fail('bring an endpoint up to date', error)
      this.#after(againMs, id)
    }
  }

  /** Brings etcd to what is wished of an endpoint, until the two agree. @throws {EngineError} `unavailable` */
  async settle(id: string): Promise<void> {
    const { own, gate } = this.#parts
    using _ = await this.#lock.acquire(id)
    for (;;) {
      const wish = own.get(id)
      if (wish?.state === 'reserving') return
      const ghost = this.#parts.state.view.endpoint(id)
      if (wish === undefined && ghost?.nodeId !== this.#parts.nodeId) return
      await gate.run(`cannot bring endpoint "${id}" up to date`, () => this.#step(wish, wish?.endpoint ?? ghost!))
      if (own.get(id) === wish || own.get(id)?.state === 'quarantined') return
    }
  }

  async settled(): Promise<void> {
    await this.#background.settle()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#again) clearTimeout(timer)
    await this.#background.settle()
  }

  #after(ms: number, id: string): void {
    if (this.#isClosed) return
    const timer = setTimeout(() => {
      this.#again.delete(timer)
      this.later(id)
    }, ms)
    timer.unref()
    this.#again.add(timer)
  }

  /** One step towards the wish; without one, the endpoint is a ghost of ours. */
  async #step(wish: OwnEndpoint | undefined, endpoint: SharedEndpoint): Promise<void> {
    const { own, state, writer } = this.#parts
    const { id } = endpoint
    if (wish === undefined || wish.state === 'releasing') {
      await writer.erase(endpoint)
      if (own.get(id) !== wish) return // it was taken on again meanwhile
      own.forget(id)
      state.pools.release(endpoint)
      return
    }
    if (this.#isSettled(endpoint)) return this.#holdAgain(wish)
    const outcome = await writer.write(endpoint)
    if (outcome.result === 'written') return this.#holdAgain(wish)
    // A backup brings endpoints back whose owners have yet to erase them, and lacks networks that others write again.
    if (state.isHolding) return this.#after(soonMs, id)
    const why = outcome.result === 'taken' ? this.#owners(endpoint, outcome.addresses) : 'its network was removed'
    this.#quarantine(wish, why)
  }

  /** True when etcd has what is wished, or what it has is no concern of ours. */
  #isSettled(endpoint: SharedEndpoint): boolean {
    const { own, state } = this.#parts
    const wish = own.get(endpoint.id)
    if (wish?.state === 'reserving') return true
    const has = state.replica.get(state.keys.ep(endpoint.networkId, endpoint.id))
    const wanted =
      wish === undefined || wish.state === 'releasing' ? undefined : formatRecord('endpoint', wish.endpoint)
    return has === wanted
  }

  #holdAgain(wish: OwnEndpoint): void {
    const { own, log } = this.#parts
    if (wish.state !== 'quarantined' || own.get(wish.endpoint.id) !== wish) return
    own.put('held', wish.endpoint)
    log.info('an endpoint is out of quarantine', { endpoint: wish.endpoint.id })
  }

  #quarantine(wish: OwnEndpoint, reason: string): void {
    const { own, state, log } = this.#parts
    const { endpoint } = wish
    if (own.get(endpoint.id) !== wish || (wish.state === 'quarantined' && wish.reason === reason)) return
    own.put('quarantined', endpoint, reason)
    log.error('an endpoint is in quarantine', { endpoint: endpoint.id, container: endpoint.containerName, reason })
    state.tell([{ type: 'endpoint-quarantined', endpoint, reason }])
  }

  #owners({ networkId, id }: SharedEndpoint, addresses: readonly string[]): string {
    const { view, nodes } = this.#parts.state
    const owners = view
      .endpoints(networkId)
      .filter(
        (one) => one.id !== id && addresses.some((ip) => [one.ipv4, one.ipv6].some((its) => its?.startsWith(`${ip}/`))),
      )
      .map((one) => `"${one.containerName}" on ${nodes.get(one.nodeId)?.name ?? 'another host'}`)
    return `address ${addresses.join(', ')} belongs to ${owners.join(', ') || 'somebody else'} now`
  }

  /** Networks of an older history that are ours to bring back: those that we made, or have containers on. */
  async #restoreNetworks(): Promise<void> {
    const { state, own, networks, nodeId, log } = this.#parts
    const used = new Set(own.list().map(({ endpoint }) => endpoint.networkId))
    for (const [key, value] of state.replica.doubtful()) {
      const name = state.keys.parse(key)
      const network = name?.kind === 'net' ? parseNetwork(value) : undefined
      if (network === undefined || !(network.createdBy === nodeId || used.has(network.id))) continue
      try {
        await networks.restore(network)
        log.warn('writes a network again that etcd has lost', { network: network.id, name: network.name })
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind === 'unavailable') throw error
        log.error('cannot write a network again that etcd has lost', { network: network.id, reason: error.message })
      }
    }
  }

  #fail(what: string, error: unknown): void {
    const isEtcds = error instanceof EtcdError || (error instanceof EngineError && error.kind === 'unavailable')
    if (isEtcds) this.#parts.log.debug(`cannot ${what} now`, { reason: error.message })
    else this.#parts.log.error(`cannot ${what}`, { error: (error as Error).stack })
  }
}
