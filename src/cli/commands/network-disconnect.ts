import { disconnectNetwork } from '../../client/networks.ts'
import type { Command } from '../command.ts'

/** `wharf network disconnect`. */
export const command: Command = {
  usage: '[OPTIONS] NETWORK CONTAINER',
  arguments: { min: 2, max: 2 },
  flags: [{ name: 'force', short: 'f', kind: 'bool', help: 'Force the container to disconnect from a network' }],
  examples: ['wharf network disconnect my_net2 web'],
  completes: 'network',
  async run({ flags, args, transport }) {
    const [network = '', container = ''] = args
    await disconnectNetwork(transport, network, container, flags.on('force'))
    return 0
  },
}
