import { badHeader, type SparseRun } from './tar-entry.ts'

/** The records of one pax header, in order: keys may come twice. */
export type PaxRecords = readonly (readonly [key: string, value: Buffer])[]

/** Extended attributes of a file, as Sun's and GNU's tar and Docker write them. */
export const xattrKey = 'SCHILY.xattr.'

/**
 * Reads the records of a pax header: `"<length> <key>=<value>\n"` each.
 *
 * @throws {RangeError} `archive/tar: invalid tar header` when the lengths do not agree
 * @source POSIX.1-2017, pax, "pax Extended Header"
 */
export function parsePax(content: Buffer): PaxRecords {
  const found: [string, Buffer][] = []
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    const equals = content.indexOf(0x3d, space)
    const end = at + length
    if (!(space > at && equals > space && Number.isInteger(length) && end > equals && end <= content.length))
      throw badHeader()
    found.push([content.toString('utf8', space + 1, equals), content.subarray(equals + 1, end - 1)])
    at = end
  }
  return found
}

/** Writes records in the form that `parsePax` reads. */
export function renderPax(records: PaxRecords): Buffer {
  return Buffer.concat(records.map(([key, value]) => renderRecord(Buffer.from(` ${key}=`), value)))
}

/** The length counts its own digits. */
function renderRecord(key: Buffer, value: Buffer): Buffer {
  const rest = key.length + value.length + 1
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length++
  return Buffer.concat([Buffer.from(String(length)), key, value, Buffer.from('\n')])
}

/** A whole number that is not negative. @throws {RangeError} */
export function paxNumber(value: Buffer): number {
  const digits = value.toString('latin1')
  const number = Number(digits)
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(number)) throw badHeader()
  return number
}

/** Seconds with a fraction, in nanoseconds: `"-1.5"` is -1 500 000 000. @throws {RangeError} */
export function paxTime(value: Buffer): bigint {
  const [, sign, seconds, fraction = ''] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value.toString('latin1')) ?? []
  if (seconds === undefined) throw badHeader()
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return sign === '-' ? -nanoseconds : nanoseconds
}

/** What pax headers say of a sparse file. @source GNU tar manual, "Storing Sparse Files" */
export interface PaxSparse {
  /** The runs, of versions 0.0 and 0.1; `undefined`: version 1.0, which has them before the content. */
  readonly runs: readonly SparseRun[] | undefined
  /** Bytes with the holes. */
  readonly realSize: number | undefined
}

/** `undefined` when the file is not sparse. @throws {RangeError} */
export function paxSparse(records: PaxRecords): PaxSparse | undefined {
  const last = new Map(records.filter(([key]) => key.startsWith('GNU.sparse.')))
  if (last.size === 0) return undefined
  const size = last.get('GNU.sparse.realsize') ?? last.get('GNU.sparse.size')
  const realSize = size && paxNumber(size)
  if (last.get('GNU.sparse.major')?.toString() === '1') return { runs: undefined, realSize }
  const map = last.get('GNU.sparse.map')
  const numbers =
    map === undefined
      ? records.filter(([key]) => /^GNU\.sparse\.(offset|numbytes)$/.test(key)).map(([, value]) => paxNumber(value))
      : map.length === 0
        ? []
        : map
            .toString('latin1')
            .split(',')
            .map((digits) => paxNumber(Buffer.from(digits)))
  return { runs: sparseRuns(numbers), realSize }
}

/** Pairs offsets with lengths. @throws {RangeError} when one is missing */
export function sparseRuns(numbers: readonly number[]): SparseRun[] {
  if (numbers.length % 2 !== 0) throw badHeader()
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[index * 2]!,
    length: numbers[index * 2 + 1]!,
  }))
}
