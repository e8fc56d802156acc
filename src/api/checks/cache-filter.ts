import { EngineError } from '../../base/errors.ts'
import type { Filters } from '../filters.ts'
import { parseUntil } from './network-filter.ts'

/** What `build/prune` filters by; nothing in the cache has labels, but "system prune" sends its filters to everybody. */
export const cacheFilterNames = ['until', 'unused-for', 'label', 'label!']

/**
 * Only what has not been used since then may go.
 *
 * @param nowMs  `until` and its older name may be a length of time: `"24h"`
 * @returns milliseconds since 1970; undefined: all may go
 * @throws {EngineError} `invalid-argument`
 */
export function cachePruneLimit(filters: Filters, nowMs: number): number | undefined {
  const untils = ['until', 'unused-for'].flatMap((name) => filters.get(name) ?? [])
  if (untils.length > 1) throw new EngineError('invalid-argument', 'more than one until filter specified')
  const limits = untils.map((text) => parseUntil(text, nowMs))
  return (filters.get('label')?.length ?? 0) > 0 ? 0 : limits[0]
}
