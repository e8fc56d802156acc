import { runInNewContext } from 'node:vm'
import { EngineError } from '../base/errors.ts'

/** The `filters` parameter: which values are wanted, by name of the filter. */
export type Filters = ReadonlyMap<string, readonly string[]>

/**
 * Reads `{"name":["a","b"]}`, and the older form `{"name":{"a":true}}`.
 *
 * @param known  names of the filters that the route has; left out, all others are taken and do nothing
 * @throws {EngineError} `invalid-argument` for what is neither, and for names that are not known
 */
export function parseFilters(text: string, known?: readonly string[]): Filters {
  const filters = new Map<string, readonly string[]>()
  if (text === '') return filters
  for (const [name, values] of Object.entries(parseObject(text))) {
    if (known?.includes(name) === false) throw new EngineError('invalid-argument', `invalid filter '${name}'`)
    filters.set(name, wantedValues(values))
  }
  return filters
}

function parseObject(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid-argument', 'invalid filter', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badFilter()
  return value
}

function wantedValues(values: unknown): readonly string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw badFilter()
  return Object.entries(values).flatMap(([value, wanted]) => (wanted === true ? [value] : []))
}

function badFilter(): EngineError {
  return new EngineError('invalid-argument', 'invalid filter')
}

/** True when the filter is not given, or one of its values satisfies `matches`. */
export function anyOf(filters: Filters, name: string, matches: (wanted: string) => boolean): boolean {
  const wanted = filters.get(name)
  return wanted === undefined || wanted.length === 0 || wanted.some(matches)
}

/** True when every `key` or `key=value` of the filter is among `labels`. */
export function hasLabels(filters: Filters, name: string, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get(name) ?? []).every((wanted) => {
    const cut = wanted.indexOf('=')
    const key = cut < 0 ? wanted : wanted.slice(0, cut)
    return Object.hasOwn(labels, key) && (cut < 0 || labels[key] === wanted.slice(cut + 1))
  })
}

/** True when none of the filter's `key` or `key=value` is among `labels`: for `label!`. */
export function lacksLabels(filters: Filters, name: string, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get(name) ?? []).every((wanted) => !hasLabels(new Map([[name, [wanted]]]), name, labels))
}

/** Milliseconds that one look-up by a user's regular expression may take: of the clock, so that a busy machine needs room. */
const patternTimeoutMs = 50

/**
 * Equal, or found by `pattern` read as a regular expression, as Docker matches names and ids.
 *
 * @throws {EngineError} `invalid-argument` for an expression that takes so long that the engine would stand still
 */
export function matchesPattern(pattern: string, value: string): boolean {
  if (pattern === value) return true
  try {
    const expression = new RegExp(pattern)
    if (isQuick(pattern) && value.length < 256) return expression.test(value)
    return runInNewContext('expression.test(value)', { expression, value }, { timeout: patternTimeoutMs }) === true
  } catch (error) {
    if (error instanceof SyntaxError) return false // only the equal name would have matched
    throw new EngineError('invalid-argument', `invalid filter: "${pattern}" takes too long to match`, { cause: error })
  }
}

/** Few repetitions, none of them of a group: matching a short text cannot take long. */
function isQuick(pattern: string): boolean {
  return (pattern.match(/[*+?{]/g)?.length ?? 0) <= 2 && !/\)[*+?{]/.test(pattern)
}

/** One boolean value. @throws {EngineError} `invalid-argument` for several values, or one that is not a truth */
export function truthOf(filters: Filters, name: string): boolean | undefined {
  const wanted = filters.get(name)
  if (wanted === undefined || wanted.length === 0) return undefined
  const truths = new Set(wanted.map((value) => ({ '1': true, true: true, '0': false, false: false })[value]))
  const [truth] = truths
  if (truths.size !== 1 || truth === undefined) {
    throw new EngineError('invalid-argument', `invalid filter '${name}=[${wanted.join(' ')}]'`)
  }
  return truth
}
