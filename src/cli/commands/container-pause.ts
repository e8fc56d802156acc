import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf pause`. */
export const command: Command = {
  usage: 'CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [],
  examples: ['wharf pause web'],
  completes: 'running',
  run(context) {
    return eachTarget(context, async (target) => {
      await act(context.transport, target, 'pause')
      return target
    })
  },
}
