import { writeCode } from './answer.ts'
import { flag, headerBytes, recordType, responseCode } from './constants.ts'
import { decodeMessage, type Message } from './message.ts'
import { foldCase } from './name.ts'
import type { Query } from './query.ts'

/** What another server said, checked, and ready to be passed on to anybody with the same question. */
export interface Reply {
  readonly bytes: Buffer
  /** Where the bytes after the question begin. */
  readonly questionEnd: number
  readonly code: number
  readonly truncated: boolean
  /** It has the records that were asked for. */
  readonly positive: boolean
  /** Seconds for which it may be told again; 0: not at all. */
  readonly ttl: number
  /** Where the TTL of each record lies; OPT has none. */
  readonly ttlOffsets: readonly number[]
}

/** One day: nobody means more. */
const ttlMax = 86_400

/** What we ask another server: the client's question in the client's spelling, and EDNS0 when the client has it. */
export function renderForward(query: Query, message: Buffer, id: number): Buffer {
  const out = Buffer.alloc(query.questionEnd + (query.edns ? 11 : 0))
  message.copy(out, 0, 0, query.questionEnd)
  writeCode(out, query, 0)
  out.writeUInt16BE(id, 0)
  out.writeUInt16BE(query.flags & (flag.RD | flag.CD), 2)
  return out
}

/**
 * Reads what came back for `asked`; `undefined` when it is no answer to that question, or does not parse.
 *
 * @param bytes  kept as they are: the caller gives them away
 * @param asked  the query that was sent, without its id
 * @source RFC 5452 §9 (what must match); RFC 2308 §5 (how long "no" is true)
 */
export function readReply(bytes: Buffer, asked: Buffer, questionEnd: number): Reply | undefined {
  if (!answersQuestion(bytes, asked, questionEnd)) return undefined
  try {
    const message = decodeMessage(bytes)
    const code = message.flags & flag.RCODE
    const positive = code === responseCode.NOERROR && message.answers.length > 0
    const truncated = (message.flags & flag.TC) !== 0
    const records = [...message.answers, ...message.authorities, ...message.additionals]
    return {
      bytes,
      questionEnd,
      code,
      truncated,
      positive,
      ttl: truncated ? 0 : lifetime(message, code, positive),
      ttlOffsets: records.filter(({ type }) => type !== recordType.OPT).map(({ ttlOffset }) => ttlOffset),
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function answersQuestion(bytes: Buffer, asked: Buffer, questionEnd: number): boolean {
  if (bytes.length < questionEnd || (bytes[2]! & 0x80) === 0 || bytes.readUInt16BE(4) !== 1) return false
  const name = (message: Buffer) => foldCase(message.toString('latin1', headerBytes, questionEnd - 4))
  if (name(bytes) !== name(asked)) return false
  return bytes.compare(asked, questionEnd - 4, questionEnd, questionEnd - 4, questionEnd) === 0
}

function lifetime({ answers, authorities, additionals }: Message, code: number, positive: boolean): number {
  if (positive) {
    const records = [...answers, ...authorities, ...additionals].filter(({ type }) => type !== recordType.OPT)
    return Math.min(ttlMax, ...records.map(({ ttl }) => ttl))
  }
  if (code !== responseCode.NOERROR && code !== responseCode.NXDOMAIN) return 0
  const start = authorities.find(({ type, data }) => type === recordType.SOA && data.length >= 20)
  if (start === undefined) return 0
  const minimum = Buffer.from(start.data).readUInt32BE(start.data.length - 4)
  return Math.min(ttlMax, start.ttl, minimum)
}

/**
 * Turns a query, in place, into what another server said `ageSeconds` ago; truncated when it is longer than `limit`.
 *
 * @param bytes  the query, with room for the reply behind its question
 * @returns the length of the answer
 */
export function writeReply(bytes: Buffer, query: Query, reply: Reply, ageSeconds: number, limit: number): number {
  const length = reply.bytes.length
  if (length > limit) return writeCode(bytes, query, reply.code | flag.TC)
  reply.bytes.copy(bytes, query.questionEnd, reply.questionEnd)
  reply.bytes.copy(bytes, 2, 2, headerBytes)
  const ours = flag.RD | flag.CD
  bytes.writeUInt16BE((reply.bytes.readUInt16BE(2) & ~ours) | (query.flags & ours) | flag.RA, 2)
  if (ageSeconds > 0)
    for (const at of reply.ttlOffsets) bytes.writeUInt32BE(Math.max(0, reply.bytes.readUInt32BE(at) - ageSeconds), at)
  return length
}
