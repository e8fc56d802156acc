import { classIN, flag, headerBytes, optBytes, recordType, responseCode } from './constants.ts'
import type { Query } from './query.ts'

/** Bytes that we take ourselves in a UDP message: what passes every path without fragments. */
const ourUdpSize = 1232
const fixedBytes = 12

/**
 * Answer records ready to be copied behind a question; all of one length, and each named by a pointer to it.
 *
 * ```
 *   c0 0c | type | class | ttl (4) | length | data
 * ```
 */
export interface RecordSet {
  readonly bytes: Uint8Array
  readonly recordBytes: number
}

/** No records: a name that exists without the type that was asked. */
export const noRecords: RecordSet = { bytes: new Uint8Array(0), recordBytes: 0 }

/**
 * Renders records for `writeAnswer`.
 *
 * @param data  the data of each record, all of one length
 * @param ttl  seconds
 */
export function renderRecords(type: number, ttl: number, data: readonly Uint8Array[]): RecordSet {
  const length = data[0]?.length
  if (length === undefined) return noRecords
  const recordBytes = fixedBytes + length
  const bytes = Buffer.alloc(recordBytes * data.length)
  for (const [i, item] of data.entries()) {
    const at = i * recordBytes
    bytes.writeUInt16BE(0xc000 | headerBytes, at)
    bytes.writeUInt16BE(type, at + 2)
    bytes.writeUInt16BE(classIN, at + 4)
    bytes.writeUInt32BE(ttl, at + 6)
    bytes.writeUInt16BE(length, at + 10)
    bytes.set(item, at + fixedBytes)
  }
  return { bytes, recordBytes }
}

/** Renders the one record that says which name an address has. @param name in wire form */
export function renderPointer(ttl: number, name: string): RecordSet {
  return renderRecords(recordType.PTR, ttl, [Buffer.from(`${name}\0`, 'latin1')])
}

/**
 * Turns a query, in place, into its answer: the question stays where it is, in the client's spelling.
 *
 * Records come in a new random order each time. What does not fit into `limit` is left out, and the answer marked as
 * truncated.
 *
 * @param bytes  the query, with room behind it for `limit` bytes
 * @returns the length of the answer
 */
export function writeAnswer(bytes: Buffer, query: Query, set: RecordSet, limit: number): number {
  const room = limit - query.questionEnd - (query.edns ? optBytes : 0)
  const { recordBytes } = set
  let taken = set.bytes.length
  let truncated = 0
  if (taken > room) {
    taken = Math.max(0, Math.floor(room / recordBytes)) * recordBytes
    truncated = flag.TC
  }
  writeHeader(bytes, query, responseCode.NOERROR | truncated)
  if (set.bytes.length > 0) {
    const count = taken / recordBytes
    bytes[6] = count >> 8
    bytes[7] = count & 0xff
    if (set.bytes.length === recordBytes) bytes.set(taken > 0 ? set.bytes : noRecords.bytes, query.questionEnd)
    else copyShuffled(bytes, query.questionEnd, set, count)
  }
  return writeOpt(bytes, query, query.questionEnd + taken, 0)
}

/** Turns a query, in place, into an answer that has a code and nothing else. */
export function writeCode(bytes: Buffer, query: Query, code: number): number {
  writeHeader(bytes, query, code)
  return writeOpt(bytes, query, query.questionEnd, 0)
}

/** Turns a message that is no good query, in place, into its refusal: a header and, for BADVERS, an OPT record. */
export function writeRefusal(bytes: Buffer, code: number): number {
  const flags = flag.QR | flag.RA | (((bytes[2]! << 8) | bytes[3]!) & (flag.OPCODE | flag.RD)) | (code & flag.RCODE)
  bytes[2] = flags >> 8
  bytes[3] = flags & 0xff
  bytes.fill(0, 4, headerBytes)
  if (code <= flag.RCODE) return headerBytes
  return writeOpt(bytes, { edns: true, dnssecOk: false }, headerBytes, code >> 4)
}

function writeHeader(bytes: Buffer, query: Query, flags: number): void {
  const word = flag.QR | flag.RA | (query.flags & (flag.RD | flag.CD)) | flags
  bytes[2] = word >> 8
  bytes[3] = word & 0xff
  for (let i = 6; i < headerBytes; i++) bytes[i] = 0
}

function writeOpt(
  bytes: Buffer,
  query: { readonly edns: boolean; readonly dnssecOk: boolean },
  at: number,
  extendedCode: number,
): number {
  if (!query.edns) return at
  bytes[11] = 1
  bytes[at] = 0
  bytes[at + 1] = 0
  bytes[at + 2] = recordType.OPT
  bytes[at + 3] = ourUdpSize >> 8
  bytes[at + 4] = ourUdpSize & 0xff
  bytes[at + 5] = extendedCode
  bytes[at + 6] = 0
  bytes[at + 7] = query.dnssecOk ? 0x80 : 0
  bytes[at + 8] = 0
  bytes[at + 9] = 0
  bytes[at + 10] = 0
  return at + optBytes
}

/** Copies `count` of the set's records, chosen and ordered at random. */
function copyShuffled(bytes: Buffer, at: number, { bytes: source, recordBytes }: RecordSet, count: number): void {
  const order = Array.from({ length: source.length / recordBytes }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(Math.random() * (order.length - i))
    const pick = order[j]!
    order[j] = order[i]!
    bytes.set(source.subarray(pick * recordBytes, (pick + 1) * recordBytes), at + i * recordBytes)
  }
}
