import { ApiError } from '../../client/errors.ts'
import { removeNetwork } from '../../client/networks.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'

/** `wharf network rm`. */
export const command: Command = {
  usage: 'NETWORK [NETWORK...]',
  arguments: { min: 1 },
  flags: [{ name: 'force', short: 'f', kind: 'bool', help: 'Do not error if the network does not exist' }],
  examples: ['wharf network rm my_net2'],
  completes: 'network',
  run(context) {
    return eachTarget(context, async (target) => {
      try {
        await removeNetwork(context.transport, target)
      } catch (error) {
        if (!(context.flags.on('force') && error instanceof ApiError && error.status === 404)) throw error
      }
      return target
    })
  },
}
