import { removeVolume } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf volume rm`. */
export const command: Command = {
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  arguments: { min: 1 },
  flags: [{ name: 'force', short: 'f', kind: 'bool', help: 'Force the removal of one or more volumes' }],
  examples: ['wharf volume rm data', 'wharf volume rm $(wharf volume ls -q -f dangling=true)'],
  completes: 'volume',
  run: (context) =>
    eachTarget(context, async (name) => {
      await removeVolume(context.transport, name, context.flags.on('force'))
      return name
    }),
}
