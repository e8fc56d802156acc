/** One key with its value, as etcd keeps it. */
export interface KeyValue {
  readonly key: string
  readonly value: string
  /** Revision of its making: 0 for a key that is not there. */
  readonly createRevision: number
  /** Revision of its last change. */
  readonly modRevision: number
}

/** Who answered, and of which state. */
export interface AnswerHeader {
  /** Of etcd's own members, decimal; another one is another etcd. */
  readonly clusterId: string
  readonly revision: number
}

/** What a range of keys holds. */
export interface RangeAnswer {
  readonly header: AnswerHeader
  readonly kvs: readonly KeyValue[]
  readonly more: boolean
}

/** What a transaction did; `reads` has the keys that each `get` found, in their order. */
export interface TxnAnswer {
  readonly header: AnswerHeader
  readonly succeeded: boolean
  readonly reads: readonly (KeyValue | undefined)[]
}

/** One change of a key. */
export type WatchEvent =
  | { readonly type: 'put'; readonly kv: KeyValue }
  | { readonly type: 'delete'; readonly key: string; readonly modRevision: number }

/** One message of a watch. */
export interface WatchAnswer {
  /** Everything up to here has been told; 0: nothing is said of that. */
  readonly revision: number
  readonly events: readonly WatchEvent[]
  /** Set when the watch is over: why, and the oldest revision that there still is, 0 when that is not why. */
  readonly canceled?: { readonly reason: string; readonly compactRevision: number }
}

/** A comparison that a transaction begins with. */
export type Compare =
  | { readonly key: string; readonly exists: boolean }
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly modRevision: number }
  /** Nothing at all begins with this. */
  | { readonly emptyPrefix: string }

/** A step of a transaction. */
export type Step =
  | { readonly put: string; readonly value: string; readonly lease?: string }
  | { readonly get: string }
  | { readonly delete: string }
  /** All that begins with this. */
  | { readonly deletePrefix: string }

type Json = Readonly<Record<string, unknown>>

/** Text as the gateway wants bytes: base64. */
export function encodeBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** The text of bytes in base64; what is no UTF-8 has U+FFFD in its place. @throws {RangeError} for what is no base64 */
export function decodeBytes(value: unknown): string {
  if (value === undefined) return '' // proto3 leaves empty out
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new RangeError('bytes are no base64')
  return Buffer.from(value, 'base64').toString('utf8')
}

/** A 64-bit number, which comes as text, as one of ours. @throws {RangeError} when it is none, or beyond 2^53 */
export function decodeInteger(value: unknown): number {
  const number =
    value === undefined ? 0 : typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new RangeError(`${JSON.stringify(value)} is no 64-bit number`)
  return number
}

/** The end of the range of all keys that begin with `prefix`. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

/** A comparison as the gateway wants it. */
export function encodeCompare(compare: Compare): Json {
  if ('emptyPrefix' in compare) {
    const range = { key: encodeBytes(compare.emptyPrefix), range_end: encodeBytes(prefixEnd(compare.emptyPrefix)) }
    return { ...range, target: 'CREATE', result: 'EQUAL', create_revision: '0' }
  }
  const key = encodeBytes(compare.key)
  if ('exists' in compare) {
    return { key, target: 'CREATE', result: compare.exists ? 'GREATER' : 'EQUAL', create_revision: '0' }
  }
  if ('value' in compare) return { key, target: 'VALUE', result: 'EQUAL', value: encodeBytes(compare.value) }
  return { key, target: 'MOD', result: 'EQUAL', mod_revision: String(compare.modRevision) }
}

/** A step as the gateway wants it. */
export function encodeStep(step: Step): Json {
  if ('get' in step) return { request_range: { key: encodeBytes(step.get) } }
  if ('delete' in step) return { request_delete_range: { key: encodeBytes(step.delete) } }
  if ('deletePrefix' in step) {
    const { deletePrefix: from } = step
    return { request_delete_range: { key: encodeBytes(from), range_end: encodeBytes(prefixEnd(from)) } }
  }
  const lease = step.lease === undefined ? {} : { lease: step.lease }
  return { request_put: { key: encodeBytes(step.put), value: encodeBytes(step.value), ...lease } }
}

/** @throws {RangeError} for what etcd does not say */
export function decodeHeader(value: unknown): AnswerHeader {
  const { header } = object(value)
  const { cluster_id: clusterId, revision } = object(header)
  if (typeof clusterId !== 'string' || !/^\d+$/.test(clusterId)) throw new RangeError('the header names no cluster')
  return { clusterId, revision: decodeInteger(revision) }
}

/** @throws {RangeError} for what etcd does not say */
export function decodeRange(value: unknown): RangeAnswer {
  const { kvs, more } = object(value)
  return { header: decodeHeader(value), kvs: array(kvs).map(decodeKeyValue), more: more === true }
}

/** What is known of a range without its contents. */
export interface Newest {
  readonly count: number
  /** Revision of the last change; a removal leaves none. */
  readonly newest: number
  /** Of etcd as a whole. */
  readonly revision: number
}

/** How many keys a range has, and the last change of its first one. @throws {RangeError} for what etcd does not say */
export function decodeNewest(value: unknown): Newest {
  const count = decodeInteger(object(value)['count'])
  const { header, kvs } = decodeRange(value)
  return { count, newest: kvs[0]?.modRevision ?? 0, revision: header.revision }
}

/** @throws {RangeError} for what etcd does not say */
export function decodeTxn(value: unknown): TxnAnswer {
  const { succeeded, responses } = object(value)
  const reads = array(responses).flatMap((one) => {
    const { response_range: range } = object(one)
    return range === undefined ? [] : [array(object(range)['kvs']).map(decodeKeyValue)[0]]
  })
  return { header: decodeHeader(value), succeeded: succeeded === true, reads }
}

/** Reads one message of a watch, without its envelope. @throws {RangeError} for what etcd does not say */
export function decodeWatch(value: unknown): WatchAnswer {
  const { events: list, created, canceled, cancel_reason: reason, compact_revision: compacted } = object(value)
  const events = array(list).map(decodeEvent)
  // While a watch catches up, the header is ahead of what was told; only word that there is nothing new is up to date.
  const told = created === true ? 0 : decodeInteger(object(object(value)['header'])['revision'])
  const last = events.at(-1)
  const revision = last === undefined ? told : last.type === 'put' ? last.kv.modRevision : last.modRevision
  const answer = { revision, events }
  if (canceled !== true) return answer
  const compactRevision = decodeInteger(compacted)
  return { ...answer, canceled: { reason: typeof reason === 'string' ? reason : '', compactRevision } }
}

function decodeEvent(value: unknown): WatchEvent {
  const { type, kv } = object(value)
  const decoded = decodeKeyValue(kv)
  if (type === 'DELETE') return { type: 'delete', key: decoded.key, modRevision: decoded.modRevision }
  if (type !== undefined && type !== 'PUT') throw new RangeError(`a change is a ${JSON.stringify(type)}`)
  return { type: 'put', kv: decoded }
}

function decodeKeyValue(value: unknown): KeyValue {
  const { key, value: content, create_revision: created, mod_revision: modified } = object(value)
  return {
    key: decodeBytes(key),
    value: decodeBytes(content),
    createRevision: decodeInteger(created),
    modRevision: decodeInteger(modified),
  }
}

/** @throws {RangeError} when `value` is no object */
export function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('it is no object')
  return value as Json
}

function array(value: unknown): readonly unknown[] {
  if (value === undefined) return [] // proto3 leaves empty out
  if (!Array.isArray(value)) throw new RangeError('it is no list')
  return value
}
