import { recordType } from '../wire/dns/constants.ts'
import { nameText } from '../wire/dns/name.ts'
import type { Query } from '../wire/dns/query.ts'

/** Tells one question and where its answer came from; `result` is a count of records or a response code. */
export type Trace = (query: Query, from: 'own' | 'cache' | 'forwarded', result: number | undefined) => void

const typeNames = new Map<number, string>(Object.entries(recordType).map(([name, value]) => [value, name]))

/** Traces the questions of one container as JSON lines. */
export function createTrace(sandbox: string, write: (line: string) => void): Trace {
  return ({ key, type }, from, result) =>
    write(
      `${JSON.stringify({ trace: 'dns', sandbox, name: nameText(key), type: typeNames.get(type) ?? type, from, result })}\n`,
    )
}
