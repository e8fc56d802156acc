import { flag, headerBytes, recordType, responseCode } from './constants.ts'
import { foldCase, type NameKey, skipName } from './name.ts'

/** One question that somebody asks of us. */
export interface Query {
  readonly id: number
  /** The second word of its header. */
  readonly flags: number
  readonly key: NameKey
  readonly type: number
  readonly class: number
  /** Where the bytes after the question begin: answers are written here. */
  readonly questionEnd: number
  /** Bytes of a UDP answer that the client takes: 512 without EDNS0. */
  readonly sizeLimit: number
  readonly edns: boolean
  readonly dnssecOk: boolean
}

const plainLimit = 512
const DO = 0x8000

/**
 * Reads a query in place, without copying anything but its name.
 *
 * @returns the query; or the response code of a message that gets only a refusal; or `undefined` for what must not be
 *   answered at all: a response, or less than a header
 * @source RFC 1035 §4.1; RFC 6891 §6.1 (OPT)
 */
export function parseQuery(bytes: Buffer, length: number): Query | number | undefined {
  if (length < headerBytes) return undefined
  const flags = (bytes[2]! << 8) | bytes[3]!
  if ((flags & flag.QR) !== 0) return undefined
  if ((flags & flag.OPCODE) !== 0) return responseCode.NOTIMP
  if (bytes[4] !== 0 || bytes[5] !== 1) return responseCode.FORMERR
  const nameEnd = endOfQuestionName(bytes, length)
  const questionEnd = nameEnd + 5
  if (nameEnd < 0 || questionEnd > length) return responseCode.FORMERR
  const opt = findOpt(bytes, questionEnd, length)
  if (opt === undefined) return responseCode.FORMERR
  if (opt >= 0 && bytes[opt + 6] !== 0) return responseCode.BADVERS
  const size = opt < 0 ? plainLimit : (bytes[opt + 3]! << 8) | bytes[opt + 4]!
  return {
    id: (bytes[0]! << 8) | bytes[1]!,
    flags,
    key: foldCase(bytes.toString('latin1', headerBytes, nameEnd)),
    type: (bytes[nameEnd + 1]! << 8) | bytes[nameEnd + 2]!,
    class: (bytes[nameEnd + 3]! << 8) | bytes[nameEnd + 4]!,
    questionEnd,
    sizeLimit: Math.max(size, plainLimit),
    edns: opt >= 0,
    dnssecOk: opt >= 0 && (((bytes[opt + 7]! << 8) | bytes[opt + 8]!) & DO) !== 0,
  }
}

/** Where the root byte of the question's name is; -1 when there is none. A question has nothing to point at. */
function endOfQuestionName(bytes: Buffer, length: number): number {
  let at = headerBytes
  while (at < length) {
    const label = bytes[at]!
    if (label === 0) return at
    if (label > 63 || at + 1 + label - headerBytes > 254) return -1
    at += 1 + label
  }
  return -1
}

/** Where the OPT record begins; -1 without one; `undefined` when the records do not parse. */
function findOpt(bytes: Buffer, start: number, length: number): number | undefined {
  let records = 0
  for (let i = 6; i < headerBytes; i += 2) records += (bytes[i]! << 8) | bytes[i + 1]!
  let opt = -1
  for (let at = start; records > 0; records--) {
    const fixed = skipName(bytes, at, length)
    if (fixed < 0 || fixed + 10 > length) return undefined
    if (bytes[fixed] === 0 && bytes[fixed + 1] === recordType.OPT && fixed === at + 1) {
      if (opt >= 0) return undefined
      opt = at
    }
    at = fixed + 10 + ((bytes[fixed + 8]! << 8) | bytes[fixed + 9]!)
    if (at > length) return undefined
  }
  return opt
}
