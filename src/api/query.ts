import { preciseMillisecondsOf } from '../base/clock.ts'
import { EngineError } from '../base/errors.ts'

/** A parsed query string: repeated names give lists. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** The last value of a parameter; `""` when it is not there. */
export function textOf(query: Query, name: string): string {
  const value = query[name]
  return typeof value === 'object' ? (value.at(-1) ?? '') : (value ?? '')
}

/** All values of a parameter. */
export function listOf(query: Query, name: string): readonly string[] {
  const value = query[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/** As Docker reads truth: everything but nothing, `0`, `no`, `false` and `none` is true. */
export function flagOf(query: Query, name: string): boolean {
  return !['', '0', 'no', 'false', 'none'].includes(textOf(query, name).trim().toLowerCase())
}

/** A whole number; undefined when the parameter is not there. @throws {EngineError} `invalid-argument` */
export function integerOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name)
  if (text === '') return undefined
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw new EngineError('invalid-argument', `invalid value for "${name}": "${text}" is not a whole number`)
  }
  return Number(text)
}

/**
 * A moment in milliseconds since 1970, from seconds with or without a fraction, or from RFC 3339.
 *
 * @returns undefined when the parameter is not there, or 0, which is how clients say "no limit"
 * @throws {EngineError} `invalid-argument`
 */
export function momentOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name)
  if (text === '' || text === '0') return undefined
  const moment = parseMoment(text)
  if (moment === undefined) {
    throw new EngineError('invalid-argument', `invalid value for "${name}": "${text}" is not a time`)
  }
  return moment
}

/** Milliseconds since 1970 of `"1700000000.5"` or an RFC 3339 time or date; undefined for anything else. */
export function parseMoment(text: string): number | undefined {
  const [, sign, seconds, fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d{0,9}))?$/.exec(text) ?? []
  // Not times 1000: what a client sends is often the time of a line, and must come to the same number as that does.
  if (seconds !== undefined) return (Number(seconds + fraction.padEnd(9, '0')) / 1e6) * (sign === '-' ? -1 : 1)
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(moment)) return undefined
  return /\.\d{4,9}(Z|[+-]\d{2}:\d{2})$/.test(text) ? preciseMillisecondsOf(text) : moment
}
