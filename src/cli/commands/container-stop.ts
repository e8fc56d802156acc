import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { stopFlags, stopQuery } from '../flags/stop-flags.ts'

/** `wharf stop`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: stopFlags,
  examples: ['wharf stop web', 'wharf stop -t 0 web db'],
  completes: 'running',
  run(context) {
    return eachTarget(context, async (target) => {
      await act(context.transport, target, 'stop', stopQuery(context.flags))
      return target
    })
  },
}
