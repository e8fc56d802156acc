import { connectNetwork } from '../../client/networks.ts'
import type { Command } from '../command.ts'
import { splitPair } from '../flags/flags.ts'

/** `wharf network connect`. */
export const command: Command = {
  usage: '[OPTIONS] NETWORK CONTAINER',
  arguments: { min: 2, max: 2 },
  flags: [
    { name: 'alias', kind: 'strings', help: 'Add network-scoped alias for the container' },
    { name: 'driver-opt', kind: 'strings', help: 'driver options for the network' },
    {
      name: 'gw-priority',
      kind: 'int',
      default: '0',
      help: 'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    },
    { name: 'ip', kind: 'string', help: 'IPv4 address (e.g., "172.30.100.104")' },
    { name: 'ip6', kind: 'string', help: 'IPv6 address (e.g., "2001:db8::33")' },
    { name: 'link', kind: 'list', help: 'Add link to another container' },
    { name: 'link-local-ip', kind: 'strings', help: 'Add a link-local address for the container' },
  ],
  examples: ['wharf network connect my_net2 web', 'wharf network connect --alias db --ip 172.22.0.9 my_net2 mysql01'],
  completes: 'network',
  async run({ flags, args, transport }) {
    const [network = '', container = ''] = args
    await connectNetwork(transport, network, {
      Container: container,
      EndpointConfig: {
        IPAMConfig: {
          IPv4Address: flags.text('ip'),
          IPv6Address: flags.text('ip6'),
          LinkLocalIPs: flags.list('link-local-ip'),
        },
        Links: flags.list('link'),
        Aliases: flags.list('alias'),
        DriverOpts: Object.fromEntries(flags.list('driver-opt').map(splitPair)),
        GwPriority: flags.number('gw-priority') ?? 0,
      },
    })
    return 0
  },
}
