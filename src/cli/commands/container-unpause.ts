import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf unpause`. */
export const command: Command = {
  usage: 'CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [],
  examples: ['wharf unpause web'],
  completes: 'running',
  run(context) {
    return eachTarget(context, async (target) => {
      await act(context.transport, target, 'unpause')
      return target
    })
  },
}
