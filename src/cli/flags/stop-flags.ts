import type { FlagSpec } from './flag-spec.ts'
import type { Flags } from './flags.ts'

/** The flags of `stop` and `restart`. */
export const stopFlags: readonly FlagSpec[] = [
  { name: 'signal', short: 's', kind: 'string', help: 'Signal to send to the container' },
  {
    name: 'timeout',
    short: 't',
    kind: 'int',
    hiddenNames: ['time'],
    help: 'Seconds to wait before killing the container',
  },
]

/** What these flags say, as the query of the call. */
export function stopQuery(flags: Flags): { signal: string | undefined; t: number | undefined } {
  return { signal: flags.text('signal') || undefined, t: flags.number('timeout') }
}
