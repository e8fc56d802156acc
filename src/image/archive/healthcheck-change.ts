import { EngineError } from '../../base/errors.ts'
import type { ImageHealthcheck } from '../images.ts'

const durationFlags: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
}
const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/**
 * Reads what follows `HEALTHCHECK`: `NONE`, or flags and `CMD` with a command in JSON or shell form.
 *
 * @throws {EngineError} `invalid-argument`
 * @source Dockerfile reference, "HEALTHCHECK"
 */
export function parseHealthcheck(args: string): ImageHealthcheck {
  const [, flags = '', type = '', command = ''] = /^((?:--\S+\s+)*)(\S+)\s*(.*)$/s.exec(args) ?? []
  if (type.toUpperCase() === 'NONE') return { Test: ['NONE'] }
  if (type.toUpperCase() !== 'CMD') throw invalid(`Unknown type "${type.toUpperCase()}" in HEALTHCHECK (try CMD)`)
  if (command === '') throw invalid('Missing command after HEALTHCHECK CMD')
  const check: { -readonly [K in keyof ImageHealthcheck]: ImageHealthcheck[K] } = { Test: testOf(command) }
  for (const flag of flags.split(/\s+/).filter((word) => word !== '')) {
    const [, name = '', value = ''] = /^--([\w-]+)=(.*)$/.exec(flag) ?? []
    const duration = durationFlags[name]
    if (duration) check[duration] = parseDuration(value)
    else if (name === 'retries' && /^\d+$/.test(value)) check.Retries = Number(value)
    else throw invalid(`Cannot read HEALTHCHECK: flag "${flag}" is unknown or malformed`)
  }
  return check
}

function testOf(command: string): readonly string[] {
  if (!command.startsWith('[')) return ['CMD-SHELL', command]
  try {
    return ['CMD', ...(JSON.parse(command) as string[]).map(String)]
  } catch (error) {
    if (error instanceof SyntaxError) return ['CMD-SHELL', command]
    throw error
  }
}

/** Nanoseconds of `1h30m`, `500ms`. */
function parseDuration(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) throw invalid(`time: invalid duration "${text}"`)
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * nanoseconds[unit!]!, 0)
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-argument', message)
}
