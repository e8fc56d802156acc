import { setTimeout as sleep } from 'node:timers/promises'
import { rfc3339Now } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { NodeLife } from '../copy/records.ts'
import type { State } from '../copy/state.ts'
import type { EtcdClient } from '../etcd/client.ts'
import { EtcdError } from '../etcd/errors.ts'
import type { ClusterSelf, ClusterStatus } from '../model.ts'
import { claimCluster, NodeClash, register } from './join.ts'

/** Milliseconds: between two attempts to join; the second is the longest. */
const firstPauseMs = 100
const longestPauseMs = 1_000
/**
 * Milliseconds: a session that ended before so long was none, and the next one waits for the first of the others, then
 * twice as long each time. To join is to list everything: hosts that do so again and again keep a slow etcd slow.
 */
const steadyMs = 10_000
const firstRestraintMs = 250
const longestRestraintMs = 15_000
/** Milliseconds that etcd has to show that it is back: a connection attempt into the void must not hold up the next. */
const probeMs = 900

/** Milliseconds that an event may be late before the watch is taken for dead. */
const lateMs = 1_000

type Claim = Awaited<ReturnType<typeof claimCluster>>

/** What a session is made of. */
export interface SessionParts {
  readonly client: EtcdClient
  readonly state: State
  readonly self: ClusterSelf
  readonly life: NodeLife
  /** Seconds: of the lease that says that the node is alive. */
  readonly ttl: number
  /** Milliseconds between two looks whether the watch is still alive. */
  readonly auditMs: number
  readonly log: Log
  /** True when a list lacks what this node owns, and what etcd had when it was last heard of. */
  misses(listed: ReadonlySet<string>): boolean
  /** The whole list was taken; `isOther`: it is no later state of what was known (an older backup, an empty etcd). */
  onList(isOther: boolean): void
}

/**
 * The node's presence in the cluster: joins, lists, watches, keeps its lease, and begins again when any of these ends.
 *
 * A watch that breaks while the lease lives is resumed where it was if nothing happened meanwhile; else everything is
 * listed again. There is no other way for state to come in, so nothing that was missed can stay missed.
 */
export class Session {
  readonly #parts: SessionParts
  readonly #ended = new AbortController()
  #status: ClusterStatus
  #running: Promise<void> = Promise.resolve()
  /** Settled when the first attempt is over. */
  readonly #first = Promise.withResolvers<void>()
  /** Called when the lease is to be kept at once: somebody doubts that etcd is there. */
  #wake: () => void = () => {}
  #told = ''
  #isRemoved = false
  #attempts = 0
  /** When the session of now began to list: `performance.now()`. */
  #listedAt: number | undefined
  #restraintMs = 0
  /** Listed keys that are one key to us: their bytes are no text. */
  #unreadable = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#status = { reachable: false, since: rfc3339Now(), reason: 'never reached', members: [], revision: 0 }
  }

  get status(): ClusterStatus {
    const { client, state } = this.#parts
    return { ...this.#status, members: client.members, revision: state.replica.revision }
  }

  /**
   * Joins, and stays until `close`. Etcd that is out of reach is no error: it is tried again.
   *
   * @throws {NodeClash} when another machine has this node's id, and keeps it for longer than a lease lasts
   */
  async open(): Promise<void> {
    this.#running = this.#run()
    await this.#first.promise
  }

  /** Something has failed that should not: look whether etcd is there. */
  doubt(): void {
    this.#wake()
  }

  /** The node's records are gone: writes them again. */
  rejoin(): void {
    this.#isRemoved = true
    this.#wake()
  }

  /** Ends the watch and lets the lease run out. */
  async close(): Promise<void> {
    this.#ended.abort()
    this.#parts.client[Symbol.dispose]()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    // A record of our id may be this machine's own, from before it was switched off: that lease runs out.
    const patience = performance.now() + (this.#parts.ttl + 2) * 1_000
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await this.#attend(() => {
          pauseMs = firstPauseMs
        })
      } catch (error) {
        if (signal.aborted) break
        this.#lose(error)
        if (error instanceof NodeClash && performance.now() > patience) this.#first.reject(error)
        else if (!(error instanceof NodeClash)) this.#first.resolve()
        await wait((pauseMs + this.#restrain()) * (0.75 + Math.random() / 2), signal)
      }
    }
    this.#first.resolve()
  }

  /** Milliseconds to hold back after an attempt: none for one that did not come so far as to list. */
  #restrain(): number {
    if (this.#listedAt === undefined) return 0
    const isSteady = performance.now() - this.#listedAt > steadyMs
    this.#listedAt = undefined
    this.#restraintMs = isSteady ? 0 : Math.min(Math.max(2 * this.#restraintMs, firstRestraintMs), longestRestraintMs)
    return this.#restraintMs
  }

  /** Joins and stays; ends with the reason why it could not. */
  async #attend(onJoined: () => void): Promise<never> {
    const { client, state, self, life, ttl } = this.#parts
    // Now and then a slow etcd gets all the time that a call may take.
    const isPatient = this.#attempts++ % 4 === 0
    const probe = isPatient ? this.#ended.signal : AbortSignal.any([this.#ended.signal, AbortSignal.timeout(probeMs)])
    const claim = await claimCluster(client, state.keys, state.mirror.facts.dataId, probe)
    this.#isRemoved = false
    const { lease, wasRegistered } = await register(client, state.keys, { self, life, ttl })
    this.#listedAt = performance.now()
    await this.#list(claim, wasRegistered)
    // Gone again between the two: the watch begins after that, and would never tell.
    if (state.nodes.get(self.id) === undefined) throw wasRemoved()
    onJoined()
    return await this.#stay(lease, claim)
  }

  async #list({ dataId, etcdId, isNew }: Claim, wasRegistered: boolean): Promise<void> {
    const { client, state, onList, misses } = this.#parts
    const { kvs, header } = await client.list(state.keys.watched, state.keys.watchedEnd, this.#ended.signal)
    const known = state.mirror.facts
    const isEarlier = header.revision < state.replica.revision
    // Only we and whoever removes this node may remove what is ours: if it is not there all the same, it never was.
    const isRewritten = wasRegistered && misses(new Set(kvs.map(({ key }) => key)))
    const isOther = known.dataId !== '' && (isNew || etcdId !== known.etcdId || isEarlier || isRewritten)
    state.reset(kvs, header.revision, isOther)
    this.#unreadable = kvs.length - new Set(kvs.map(({ key }) => key)).size
    state.mirror.learn({ dataId, etcdId, revision: header.revision })
    this.#gain()
    this.#first.resolve()
    onList(isOther)
  }

  /** Keeps the lease and watches, until one of them cannot go on. */
  async #stay(lease: string, claim: Claim): Promise<never> {
    const over = new AbortController()
    const signal = AbortSignal.any([this.#ended.signal, over.signal])
    const tasks = [this.#keep(lease, claim, signal), this.#watch(lease, claim, signal), this.#audit(signal)]
    try {
      return await Promise.race(tasks)
    } finally {
      over.abort()
      await Promise.allSettled(tasks)
    }
  }

  get #keepMs(): number {
    return Math.round((this.#parts.ttl * 1_000) / 3)
  }

  async #keep(lease: string, claim: Claim, signal: AbortSignal): Promise<never> {
    for (;;) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await wait(this.#keepMs, AbortSignal.any([signal, woken.signal]))
      await this.#keepOnce(lease, claim, signal)
    }
  }

  /** @throws {EtcdError} when etcd is away, or is another, or the lease ran out */
  async #keepOnce(lease: string, { etcdId }: Claim, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#isRemoved) throw wasRemoved()
    // Not longer than until the next time: whoever is cut off is to know it before the lease runs out.
    const until = AbortSignal.any([signal, AbortSignal.timeout(Math.max(probeMs, this.#keepMs))])
    const { kept, clusterId } = await this.#parts.client.keepLease(lease, until)
    if (clusterId !== etcdId) throw new EtcdError('unreachable', 'etcd is another one than before')
    if (!kept) throw new EtcdError('unreachable', 'the lease of this node ran out')
  }

  async #watch(lease: string, claim: Claim, signal: AbortSignal): Promise<never> {
    const { client, state } = this.#parts
    for (let silence = 0; ; silence++) {
      const range = { from: state.keys.watched, end: state.keys.watchedEnd, revision: state.replica.revision + 1 }
      try {
        for await (const { events, revision } of client.watch(range, signal)) {
          silence = 0
          state.apply(events, revision)
        }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof EtcdError) || error.fault === 'refused') throw error
        await this.#keepOnce(lease, claim, signal)
        // Etcd may be an older one than before, lease and all: it is resumed only where nothing happened meanwhile.
        if (error.fault === 'compacted' || !(await this.#isCurrent(signal))) await this.#list(claim, true)
        await wait(Math.min(silence * firstPauseMs, longestPauseMs), signal)
      }
    }
  }

  /** Finds out when the watch says nothing though there is something to say: its connection can die silently. */
  async #audit(signal: AbortSignal): Promise<never> {
    for (;;) {
      await wait(this.#parts.auditMs, signal)
      const known = this.#parts.state.replica.revision
      if (!(await this.#isCurrent(signal))) {
        await wait(lateMs, signal) // what is on its way arrives
        // Where others change something all the time nobody is ever current; but then the watch must have told of it.
        const isSilent = this.#parts.state.replica.revision === known
        if (isSilent && !(await this.#isCurrent(signal))) {
          throw new EtcdError('unreachable', 'the watch has missed changes')
        }
      }
      signal.throwIfAborted()
    }
  }

  /** True when etcd has had no change of our keys that we do not know, and is no earlier one. */
  async #isCurrent(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    const { client, state } = this.#parts
    const { watched, watchedEnd } = state.keys
    const { count, newest, revision } = await client.newest(watched, watchedEnd, signal)
    const known = state.replica.revision
    return newest <= known && known <= revision && count - this.#unreadable === state.replica.size
  }

  #gain(): void {
    this.#told = ''
    if (this.#status.reachable) return
    const { log, state } = this.#parts
    log.info('etcd is in reach')
    this.#status = { ...this.#status, reachable: true, since: rfc3339Now(), reason: '' }
    state.nodes.reachable = true
    state.tell([{ type: 'status', status: this.status }])
  }

  #lose(error: unknown): void {
    const { log, state } = this.#parts
    const { message: reason, stack } = error as Error
    const kind = error instanceof EtcdError ? error.fault : error instanceof EngineError ? error.name : reason
    if (kind !== this.#told) {
      this.#told = kind
      if (error instanceof EngineError) log.warn('has no part in the cluster now', { reason })
      else log.error('the session with etcd fails', { error: stack })
    }
    const { reachable, since } = this.#status
    this.#status = { ...this.#status, reachable: false, since: reachable ? rfc3339Now() : since, reason }
    state.nodes.reachable = false
    if (reachable) state.tell([{ type: 'status', status: this.status }])
  }
}

function wasRemoved(): EtcdError {
  return new EtcdError('unreachable', 'this node was removed from the cluster')
}

/** Waits; being aborted ends it early, and is no error. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.aborted)
}
