import { headerBytes } from './constants.ts'
import { type NameKey, readName } from './name.ts'

/** What is asked. */
export interface Question {
  readonly key: NameKey
  readonly type: number
  readonly class: number
}

/** One resource record. */
export interface ResourceRecord extends Question {
  /** Seconds; for OPT: extended code, version and flags. */
  readonly ttl: number
  /** As it lies in the message: names in it may point into the message. */
  readonly data: Uint8Array
  /** Where its TTL lies in the message. */
  readonly ttlOffset: number
}

/** A whole message, read. */
export interface Message {
  readonly id: number
  readonly flags: number
  readonly questions: readonly Question[]
  /** Where the bytes after the questions begin. */
  readonly questionEnd: number
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
}

/**
 * Reads a whole message. Bytes behind its last record are not looked at.
 *
 * @throws {RangeError} when it is shorter than it says, or a name in it is not one
 * @source RFC 1035 §4.1
 */
export function decodeMessage(bytes: Buffer): Message {
  if (bytes.length < headerBytes) throw new RangeError(`message has ${bytes.length} bytes, a header has ${headerBytes}`)
  let at: number = headerBytes
  const many = <T>(count: number, read: (at: number) => { item: T; end: number }): T[] =>
    Array.from({ length: count }, () => {
      const { item, end } = read(at)
      at = end
      return item
    })
  const count = (index: number) => bytes.readUInt16BE(4 + 2 * index)
  const questions = many(count(0), (at) => readQuestion(bytes, at))
  const questionEnd = at
  return {
    id: bytes.readUInt16BE(0),
    flags: bytes.readUInt16BE(2),
    questions,
    questionEnd,
    answers: many(count(1), (at) => readRecord(bytes, at)),
    authorities: many(count(2), (at) => readRecord(bytes, at)),
    additionals: many(count(3), (at) => readRecord(bytes, at)),
  }
}

function readQuestion(bytes: Buffer, at: number): { item: Question; end: number } {
  const { key, end } = readName(bytes, at)
  return { item: { key, type: bytes.readUInt16BE(end), class: bytes.readUInt16BE(end + 2) }, end: end + 4 }
}

function readRecord(bytes: Buffer, at: number): { item: ResourceRecord; end: number } {
  const { item: question, end } = readQuestion(bytes, at)
  const ttl = bytes.readUInt32BE(end)
  const start = end + 6
  const stop = start + bytes.readUInt16BE(end + 4)
  if (stop > bytes.length) throw new RangeError(`record at ${at} leaves the message`)
  return { item: { ...question, ttl, data: bytes.subarray(start, stop), ttlOffset: end }, end: stop }
}

/** What `encodeMessage` writes; names are written without pointers, lengths and counts are computed. */
export interface MessageParts {
  readonly id: number
  readonly flags: number
  readonly questions?: readonly Question[]
  readonly answers?: readonly Omit<ResourceRecord, 'ttlOffset'>[]
  readonly authorities?: readonly Omit<ResourceRecord, 'ttlOffset'>[]
  readonly additionals?: readonly Omit<ResourceRecord, 'ttlOffset'>[]
}

/** Writes a whole message; `decodeMessage` reads the same back. */
export function encodeMessage(parts: MessageParts): Buffer {
  const { questions = [], answers = [], authorities = [], additionals = [] } = parts
  const header = Buffer.alloc(headerBytes)
  const words = [parts.id, parts.flags, questions.length, answers.length, authorities.length, additionals.length]
  for (const [i, word] of words.entries()) header.writeUInt16BE(word, 2 * i)
  const records = [...answers, ...authorities, ...additionals]
  return Buffer.concat([header, ...questions.map(questionBytes), ...records.flatMap(recordBytes)])
}

/** The bytes of one question. */
function questionBytes({ key, type, class: kind }: Question): Buffer {
  const bytes = Buffer.from(`${key}\0\0\0\0\0`, 'latin1')
  bytes.writeUInt16BE(type, key.length + 1)
  bytes.writeUInt16BE(kind, key.length + 3)
  return bytes
}

function recordBytes(record: Omit<ResourceRecord, 'ttlOffset'>): Uint8Array[] {
  const fixed = Buffer.alloc(6)
  fixed.writeUInt32BE(record.ttl, 0)
  fixed.writeUInt16BE(record.data.length, 4)
  return [questionBytes(record), fixed, record.data]
}
