import { TemplateError } from './lexer.ts'
import { isTruthy, printValue } from './print-value.ts'
import { printf } from './printf.ts'

/** A function that a template may call. */
export type TemplateFunction = (...values: readonly unknown[]) => unknown

/**
 * Go's own functions, and those that Docker adds: `json`, `split`, `join`, `title`, `lower`, `upper`, `pad`, `truncate`.
 *
 * @source text/template, "Functions"; Docker CLI reference, "Format command and log output"
 */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  and: (...values) => values.find((value) => !isTruthy(value)) ?? values.at(-1),
  or: (...values) => values.find(isTruthy) ?? values.at(-1),
  not: (value) => !isTruthy(value),
  eq: (first, ...others) => others.some((other) => other === first),
  ne: (a, b) => a !== b,
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  len,
  index: (value, ...keys) => keys.reduce(member, value),
  slice: (value, from, to) => (value as string).slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  print: (...values) => values.map(printValue).join(' '),
  println: (...values) => `${values.map(printValue).join(' ')}\n`,
  printf: (format, ...values) => printf(String(format), ...values),
  html: (value) => printValue(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  urlquery: (value) => encodeURIComponent(printValue(value)),
  json: (value) => JSON.stringify(value ?? null),
  split: (text, separator) => String(text).split(String(separator)),
  join: (values, separator) => (Array.isArray(values) ? values : []).map(printValue).join(String(separator)),
  title: (text) => String(text).replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase()),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  pad: (text, before, after) =>
    text === '' ? '' : ' '.repeat(Number(before)) + String(text) + ' '.repeat(Number(after)),
  truncate: (text, length) => [...String(text)].slice(0, Number(length)).join(''),
}

/** What the functions do to a column's heading when a table is made: what changes a value leaves its heading alone. */
export const headingFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...templateFunctions,
  json: (value) => value,
  split: (value) => value,
  join: (value) => value,
  title: (value) => value,
  lower: (value) => value,
  upper: (value) => value,
  pad: (value) => value,
  truncate: (value) => value,
  println: (value) => value,
}

function compare(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) throw new TemplateError('incompatible types for comparison')
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0
}

function len(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return Object.keys(value).length
  if (value === null) return 0
  throw new TemplateError('error calling len: len of nil pointer')
}

function member(value: unknown, key: unknown): unknown {
  if (value === undefined) throw new TemplateError('error calling index: index of untyped nil')
  if (value === null) return undefined
  if (Array.isArray(value) || typeof value === 'string') {
    const found = value[Number(key)]
    if (found === undefined) throw new TemplateError(`error calling index: index out of range: ${printValue(key)}`)
    return found
  }
  return (value as Record<string, unknown>)[String(key)]
}
