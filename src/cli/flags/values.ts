/** Units of a size, each 1024 times the one before. */
const sizeUnits = 'bkmgtp'

/**
 * Reads a size as Docker's flags take it: `"512m"`, `"1.5g"`, `"64KiB"`, `"-1"`; a bare number is bytes.
 *
 * @throws {Error} `invalid size: 'x'`
 */
export function parseBytes(text: string): number {
  if (text === '-1') return -1
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([bkmgtp])?(?:i?b)?$/i.exec(text) ?? []
  if (number === undefined) throw new Error(`invalid size: '${text}'`)
  return Math.floor(Number(number) * 1024 ** Math.max(0, sizeUnits.indexOf((unit ?? 'b').toLowerCase())))
}

const durationUnits: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/**
 * Reads a duration as Go writes it, in nanoseconds: `"1m30s"` is 90e9, `"0"` is 0.
 *
 * @throws {Error} `invalid duration "x"`
 */
export function parseDuration(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0
  const [, sign, parts] = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? []
  if (/^[+-]?\d+(\.\d*)?$/.test(text)) throw new Error(`time: missing unit in duration "${text}"`)
  if (parts === undefined) throw new Error(`time: invalid duration "${text}"`)
  let sum = 0
  for (const [, number, unit] of parts.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(number) * (durationUnits[unit ?? ''] ?? 0)
  }
  return sign === '-' ? -sum : sum
}

/** Reads a whole number. @throws {Error} with Go's words */
export function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  return Number(text)
}

/** Reads a number with a fraction. @throws {Error} */
export function parseDecimal(text: string): number {
  if (!/^\d*\.?\d+$/.test(text)) throw new Error(`failed to parse ${text} as a rational number`)
  return Number(text)
}

/** Reads a boolean as Go does. @throws {Error} with Go's words */
export function parseBoolean(text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw new Error(`strconv.ParseBool: parsing "${text}": invalid syntax`)
}

/** Splits one line of comma-separated values; a value in double quotes may hold commas, `""` is a quote in it. */
export function splitCsv(text: string): string[] {
  const values: string[] = []
  for (const [, quoted, plain] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)) {
    values.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
  }
  // The pattern also matches the empty end of the text, which is no value unless a comma stands before it.
  if (!text.endsWith(',')) values.pop()
  return values
}
