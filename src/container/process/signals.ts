import { constants } from 'node:os'
import { EngineError } from '../../base/errors.ts'

const highest = 64
/** The first and the last real-time signal that the C library leaves to programs. @source signal(7) */
const realTime = { SIGRTMIN: 34, SIGRTMAX: 64 } as const

const numbers: ReadonlyMap<string, number> = new Map([
  ...Object.entries(constants.signals).map(([name, number]) => [name, number as number] as const),
  ...Object.entries(realTime),
  ...Array.from({ length: 15 }, (_, i) => [`SIGRTMIN+${i + 1}`, realTime.SIGRTMIN + i + 1] as const),
  ...Array.from({ length: 14 }, (_, i) => [`SIGRTMAX-${i + 1}`, realTime.SIGRTMAX - i - 1] as const),
])

/**
 * The number of a signal written as Docker's clients write it: `9`, `"KILL"`, `"SIGKILL"`, `"sigkill"`, `"RTMIN+3"`.
 *
 * @throws {EngineError} `invalid-argument` `invalid signal: x`
 */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text)
    if (number >= 1 && number <= highest) return number
  }
  const upper = text.toUpperCase()
  const number = numbers.get(upper.startsWith('SIG') ? upper : `SIG${upper}`)
  if (number === undefined) throw new EngineError('invalid-argument', `invalid signal: ${text}`)
  return number
}
