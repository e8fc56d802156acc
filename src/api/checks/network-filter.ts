import { millisecondsOf } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { NetworkRecord } from '../../network/model.ts'
import { anyOf, type Filters, hasLabels, lacksLabels, matchesPattern } from '../filters.ts'
import { parseMoment } from '../query.ts'

/** The filters that `/networks` takes. */
export const networkFilterNames = ['driver', 'id', 'name', 'label', 'scope', 'type', 'dangling']

/** The filters that `/networks/prune` takes. */
export const networkPruneFilterNames = ['until', 'label', 'label!']

/** What filters look up besides the records. */
export interface NetworkFilterContext {
  isPredefined(name: string): boolean
  isUsed(id: string): boolean
}

/**
 * The test that a list's filters make together.
 *
 * @throws {EngineError} for an unknown type, `internal` as Docker has it; `invalid-argument` for two `dangling`
 */
export function networkFilter(
  filters: Filters,
  { isPredefined, isUsed }: NetworkFilterContext,
): (network: NetworkRecord) => boolean {
  for (const type of filters.get('type') ?? []) {
    if (type !== 'builtin' && type !== 'custom') {
      throw new EngineError('internal', `invalid filter: 'type'='${type}'`)
    }
  }
  const dangling = danglingOf(filters)
  return ({ id, name, driver, scope, labels }) =>
    anyOf(filters, 'driver', (wanted) => wanted === driver) &&
    anyOf(filters, 'id', (wanted) => matchesPattern(wanted, id)) &&
    anyOf(filters, 'name', (wanted) => matchesPattern(wanted, name)) &&
    anyOf(filters, 'scope', (wanted) => wanted === scope) &&
    anyOf(filters, 'type', (wanted) => (wanted === 'builtin') === isPredefined(name)) &&
    hasLabels(filters, 'label', labels) &&
    (dangling === undefined || dangling === (!isPredefined(name) && !isUsed(id)))
}

function danglingOf(filters: Filters): boolean | undefined {
  const [value, ...more] = filters.get('dangling') ?? []
  if (more.length > 0) throw new EngineError('invalid-argument', 'got more than one value for filter key "dangling"')
  if (value === undefined) return undefined
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new EngineError(
    'invalid-argument',
    `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`,
  )
}

/**
 * The test for what a prune may remove, by `until`, `label` and `label!`: networks, containers.
 *
 * @param nowMs  `until` may be a length of time: `"24h"`
 * @throws {EngineError} `invalid-argument`
 */
export function pruneFilter(
  filters: Filters,
  nowMs: number,
): (one: { readonly created: string; readonly labels: Readonly<Record<string, string>> }) => boolean {
  if ((filters.get('until')?.length ?? 0) > 1) {
    throw new EngineError('invalid-argument', 'more than one until filter specified')
  }
  const limits = (filters.get('until') ?? []).map((text) => parseUntil(text, nowMs))
  return ({ created, labels }) =>
    limits.every((limit) => millisecondsOf(created) < limit) &&
    hasLabels(filters, 'label', labels) &&
    lacksLabels(filters, 'label!', labels)
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds since 1970 of a time, or of a length of time ago: `"1h30m"`. @throws {EngineError} `invalid-argument` */
export function parseUntil(text: string, nowMs: number): number {
  const moment = parseMoment(text)
  if (moment !== undefined) return moment
  if (!/^(\d{1,9}(\.\d{1,9})?(ms|s|m|h))+$/.test(text)) {
    throw new EngineError('invalid-argument', `failed to parse value as time or duration: ${JSON.stringify(text)}`)
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return nowMs - parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0)
}
