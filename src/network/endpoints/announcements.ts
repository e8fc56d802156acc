import { EngineError } from '../../base/errors.ts'

const labels = {
  count: 'com.docker.network.advertise_addr_nmsgs',
  intervalMs: 'com.docker.network.advertise_addr_ms',
} as const

/** How often a network's containers tell their neighbours where their addresses are. */
export interface Announcements {
  /** 0 to 3. */
  readonly count: number
  /** Milliseconds between two, 100 to 2000. */
  readonly intervalMs: number
}

/**
 * What a network's options say; as often as RFC 5227 has it, unless told.
 *
 * @throws {EngineError} `internal`, with Docker's words
 */
export function parseAnnouncements(options: Readonly<Record<string, string>>): Announcements {
  const problems: string[] = []
  const read = (label: string, what: string, [least, fallback, most]: readonly [number, number, number]): number => {
    const text = options[label]
    if (text === undefined) return fallback
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) problems.push(`value for option ${label} ${JSON.stringify(text)} must be ${what}`)
    else if (value < least || value > most) problems.push(`${label} must be in the range ${least} to ${most}`)
    return value
  }
  const count = read(labels.count, 'an integer', [0, 3, 3])
  const intervalMs = read(labels.intervalMs, 'integer milliseconds', [100, 1000, 2000])
  if (problems.length > 0) throw new EngineError('internal', problems.join('\n'))
  return { count, intervalMs }
}
