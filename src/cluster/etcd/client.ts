import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Compare,
  decodeHeader,
  decodeInteger,
  decodeNewest,
  decodeRange,
  decodeTxn,
  decodeWatch,
  encodeBytes,
  encodeCompare,
  encodeStep,
  type Newest,
  object,
  type RangeAnswer,
  type Step,
  type TxnAnswer,
  type WatchAnswer,
} from './codec.ts'
import { EtcdError, faultOf, isStaleToken } from './errors.ts'
import { type TlsFiles, Transport } from './transport.ts'

/** Where etcd is, and how to speak to it. */
export interface EtcdOptions {
  /** `"http://192.0.2.1:2379"`: each of them can answer everything. */
  readonly members: readonly string[]
  /** What to trust, and who we are. */
  readonly tls: TlsFiles
  readonly user?: { readonly name: string; readonly password: string }
}

/** Milliseconds. */
const attemptMs = 2_000
const callMs = 5_000
const pauseMs = 50
/** Keys in one answer to `list`. */
const pageSize = 1_000

/**
 * A client of etcd, over its JSON gateway. Each call goes to the member that answered last, and to the others when it
 * does not answer any more; all have a deadline. A call may be sent twice: what must not happen twice is for the
 * transaction's comparisons to prevent.
 *
 * @source etcd, dev-guide/api_grpc_gateway (3.4)
 */
export class EtcdClient implements Disposable {
  readonly members: readonly string[]
  readonly #transport: Transport
  readonly #user: EtcdOptions['user']
  #current = 0
  /** Aborted when calls turn to another member. */
  #moved = new AbortController()
  readonly #closed = new AbortController()
  #token: Promise<string> | undefined

  constructor({ members, tls, user }: EtcdOptions) {
    this.members = members
    this.#transport = new Transport(tls)
    this.#user = user
  }

  /** Every key from `from` to before `end`, all of one revision. @throws {EtcdError} */
  async list(from: string, end: string, signal?: AbortSignal): Promise<RangeAnswer> {
    const ask = (key: string, revision: number): Promise<RangeAnswer> => {
      const range = { key: encodeBytes(key), range_end: encodeBytes(end), limit: String(pageSize) }
      return this.#ask('/v3/kv/range', { ...range, revision: String(revision) }, decodeRange, signal)
    }
    const first = await ask(from, 0)
    const kvs = [...first.kvs]
    for (let page = first; page.more; kvs.push(...page.kvs)) {
      page = await ask(`${kvs.at(-1)!.key}\0`, first.header.revision)
    }
    return { header: first.header, kvs, more: false }
  }

  /** How many keys there are from `from` to before `end`, and the revision of their last change. @throws {EtcdError} */
  async newest(from: string, end: string, signal?: AbortSignal): Promise<Newest> {
    const order = { sort_order: 'DESCEND', sort_target: 'MOD', limit: '1', keys_only: true }
    const range = { key: encodeBytes(from), range_end: encodeBytes(end), ...order }
    return await this.#ask('/v3/kv/range', range, decodeNewest, signal)
  }

  /** Does all of `then` when all comparisons hold, else all of `otherwise`. @throws {EtcdError} */
  async txn(
    compare: readonly Compare[],
    then: readonly Step[],
    otherwise: readonly Step[] = [],
    signal?: AbortSignal,
  ): Promise<TxnAnswer> {
    const body = {
      compare: compare.map(encodeCompare),
      success: then.map(encodeStep),
      failure: otherwise.map(encodeStep),
    }
    return await this.#ask('/v3/kv/txn', body, decodeTxn, signal)
  }

  /** A lease of so many seconds. @returns its id, decimal */
  async grantLease(ttl: number): Promise<string> {
    return await this.#ask('/v3/lease/grant', { TTL: String(ttl), ID: '0' }, (answer) => {
      const { ID: id } = object(answer)
      if (typeof id !== 'string' || !/^-?\d+$/.test(id)) throw new RangeError('the lease has no number')
      return id
    })
  }

  /** Ends a lease, and all keys that hang on it. @throws {EtcdError} when there is none: see `isLeaseNotFound` */
  async revokeLease(id: string): Promise<void> {
    await this.#ask('/v3/lease/revoke', { ID: id }, decodeHeader)
  }

  /** Makes a lease last its time again. @returns false when there is no such lease any more */
  async keepLease(id: string, signal?: AbortSignal): Promise<{ readonly clusterId: string; readonly kept: boolean }> {
    const decode = (answer: unknown) => {
      const { result } = object(answer)
      return { clusterId: decodeHeader(result).clusterId, kept: decodeInteger(object(result)['TTL']) > 0 }
    }
    return await this.#ask('/v3/lease/keepalive', { ID: id }, decode, signal)
  }

  /**
   * What happens to the keys from `from` to before `end`, beginning with a revision. Ends only by being aborted, or
   * with an error: `compacted` when that revision is gone, `unreachable` when the member loses its leader.
   */
  async *watch(
    range: { from: string; end: string; revision: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchAnswer> {
    const create = {
      key: encodeBytes(range.from),
      range_end: encodeBytes(range.end),
      start_revision: String(range.revision),
      progress_notify: true,
    }
    const member = this.#member()
    try {
      // Without a leader a member would go on saying nothing for ever.
      const headers = { ...(await this.#authorize(member, signal)), 'grpc-metadata-hasleader': 'true' }
      const until = AbortSignal.any([signal, this.#moved.signal])
      const call = { member, path: '/v3/watch', body: { create_request: create }, headers, signal: until }
      for await (const line of this.#transport.lines(call)) yield readWatch(member, line)
      throw new EtcdError('unreachable', `${member} ended the watch`)
    } catch (error) {
      this.#learn(member, error)
      throw error
    }
  }

  /** Ends all calls, now and from now on. */
  [Symbol.dispose](): void {
    this.#closed.abort(new Error('the client of etcd is closed'))
    this.#transport[Symbol.dispose]()
  }

  #member(): string {
    return this.members[this.#current % this.members.length]!
  }

  /** Turns to the next member, and forgets a token, when that is what an error teaches. */
  #learn(member: string, error: unknown): void {
    if (isStaleToken(error)) this.#token = undefined
    const isTheirs = error instanceof EtcdError && (error.fault === 'unreachable' || error.fault === 'garbage')
    if (!isTheirs || member !== this.#member()) return
    this.#current = (this.#current + 1) % this.members.length
    // A watch at a member that has fallen silent would never hear of it.
    const moved = this.#moved
    this.#moved = new AbortController()
    moved.abort(new Error('another member is asked now'))
  }

  async #ask<T>(path: string, body: unknown, decode: (answer: unknown) => T, signal?: AbortSignal): Promise<T> {
    const whole = AbortSignal.timeout(callMs)
    const until = AbortSignal.any([whole, this.#closed.signal, ...(signal ? [signal] : [])])
    let tries = 0
    for (;;) {
      const member = this.#member()
      try {
        const headers = await this.#authorize(member, until)
        return await this.#try({ member, path, body, headers, signal: until }, decode)
      } catch (error) {
        this.#learn(member, error)
        const isLast = ++tries >= 2 * this.members.length || until.aborted
        if (!(error instanceof EtcdError) || isLast) throw error
        if (error.fault === 'unreachable' || error.fault === 'garbage') {
          if (tries >= this.members.length) await sleep(pauseMs)
        } else if (!isStaleToken(error)) throw error
      }
    }
  }

  async #try<T>(
    call: {
      member: string
      path: string
      body: unknown
      headers: Readonly<Record<string, string>>
      signal: AbortSignal
    },
    decode: (answer: unknown) => T,
  ): Promise<T> {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(attemptMs)])
    const { status, text } = await this.#transport.call({ ...call, signal })
    return readAnswer(call.member, status, text, decode)
  }

  async #authorize(member: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    if (this.#user === undefined) return {}
    this.#token ??= this.#authenticate(member, this.#user, signal).catch((error: unknown) => {
      this.#token = undefined
      throw error
    })
    return { authorization: await this.#token }
  }

  #authenticate(member: string, user: NonNullable<EtcdOptions['user']>, signal: AbortSignal): Promise<string> {
    return this.#try({ member, path: '/v3/auth/authenticate', body: user, headers: {}, signal }, (answer) => {
      const { token } = object(answer)
      if (typeof token !== 'string' || token === '') throw new RangeError('there is no token')
      return token
    })
  }
}

/** @throws {EtcdError} for an error in the answer, and for an answer that is not etcd's */
function readAnswer<T>(member: string, status: number, text: string, decode: (answer: unknown) => T): T {
  try {
    const answer = object(JSON.parse(text))
    const error = errorOf(answer)
    if (error !== undefined) throw faultOf(member, error.code, error.message)
    if (status !== 200) throw new RangeError(`status ${status}`)
    return decode(answer)
  } catch (error) {
    if (error instanceof EtcdError) throw error
    throw notEtcd(member, status, text, error)
  }
}

function readWatch(member: string, line: string): WatchAnswer {
  const answer = readAnswer(member, 200, line, (value) => decodeWatch(object(value)['result']))
  const { canceled } = answer
  if (canceled === undefined) return answer
  if (canceled.compactRevision > 0) {
    throw new EtcdError('compacted', `${member}: history begins at revision ${canceled.compactRevision}`)
  }
  throw new EtcdError(/permission/.test(canceled.reason) ? 'refused' : 'unreachable', `${member}: ${canceled.reason}`)
}

/** The gateway writes errors in two shapes: flat for calls, nested for streams. */
function errorOf(answer: Readonly<Record<string, unknown>>): { code: number; message: string } | undefined {
  const { error, message, code } = answer
  if (typeof error === 'string') return { code: Number(code ?? 2), message: String(message ?? error) }
  if (error === undefined) return undefined
  const { grpc_code: grpc, message: text } = object(error)
  return { code: Number(grpc ?? 2), message: String(text) }
}

function notEtcd(member: string, status: number, text: string, cause: unknown): EtcdError {
  const sample = JSON.stringify(text.slice(0, 60))
  const why = (cause as Error).message
  return new EtcdError('garbage', `${member} does not answer as etcd does: ${why} (status ${status}, ${sample})`, {
    cause,
  })
}
