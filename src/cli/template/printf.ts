import { printValue } from './print-value.ts'

const verb = /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

/**
 * Go's `Sprintf`, as far as templates use it: `%s %v %d %q %x %t %f %c %%` with width, precision, `-` and `0`.
 * An argument too few is `%!s(MISSING)`, as in Go.
 */
export function printf(format: string, ...values: readonly unknown[]): string {
  let next = 0
  return format.replace(
    verb,
    (_, flags: string, width: string | undefined, precision: string | undefined, letter: string) => {
      if (letter === '%') return '%'
      if (next >= values.length) return `%!${letter}(MISSING)`
      const text = render(letter, values[next++], precision === undefined ? undefined : Number(precision))
      const columns = Number(width ?? 0)
      if (flags.includes('-')) return text.padEnd(columns)
      return text.padStart(columns, flags.includes('0') && letter !== 's' ? '0' : ' ')
    },
  )
}

function render(letter: string, value: unknown, precision: number | undefined): string {
  switch (letter) {
    case 's':
    case 'v':
      return [...printValue(value)].slice(0, precision).join('')
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : `%!d(${goType(value)}=${printValue(value)})`
    case 'q':
      return JSON.stringify(printValue(value))
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(printValue(value)).toString('hex')
    case 't':
      return String(value)
    case 'f':
      return Number(value).toFixed(precision ?? 6)
    case 'c':
      return String.fromCodePoint(Number(value))
    default:
      return `%!${letter}(${goType(value)}=${printValue(value)})`
  }
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'interface {}'
}
