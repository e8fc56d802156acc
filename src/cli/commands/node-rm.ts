import { removeNode } from '../../client/nodes.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf node rm`. */
export const command: Command = {
  usage: '[OPTIONS] NODE [NODE...]',
  arguments: { min: 1 },
  flags: [{ name: 'force', short: 'f', kind: 'bool', help: 'Remove a node that is alive, too' }],
  examples: ['wharf node rm gamma', 'wharf node rm --force 0123456789ab'],
  run(context) {
    return eachTarget(context, async (target) => {
      await removeNode(context.transport, target, context.flags.on('force'))
      return target
    })
  },
}
