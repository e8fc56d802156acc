import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { stopFlags, stopQuery } from '../flags/stop-flags.ts'

/** `wharf restart`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: stopFlags,
  examples: ['wharf restart web', 'wharf restart -t 0 web db'],
  completes: 'container',
  run(context) {
    return eachTarget(context, async (target) => {
      await act(context.transport, target, 'restart', stopQuery(context.flags))
      return target
    })
  },
}
