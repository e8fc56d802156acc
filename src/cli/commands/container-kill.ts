import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf kill`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [{ name: 'signal', short: 's', kind: 'string', help: 'Signal to send to the container' }],
  examples: ['wharf kill web', 'wharf kill -s HUP web'],
  completes: 'running',
  run(context) {
    const signal = context.flags.text('signal') || undefined
    return eachTarget(context, async (target) => {
      await act(context.transport, target, 'kill', { signal })
      return target
    })
  },
}
