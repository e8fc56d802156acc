import { inspectNetwork } from '../../client/networks.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf network inspect`. */
export const command: Command = {
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  arguments: { min: 1 },
  flags: [formatFlag, { name: 'verbose', short: 'v', kind: 'bool', help: 'Verbose output for diagnostics' }],
  examples: [
    'wharf network inspect bridge',
    "wharf network inspect -f '{{range .Containers}}{{println .Name .IPv4Address}}{{end}}' my_net2",
  ],
  completes: 'network',
  run: (context) =>
    inspectObjects(context, (ref) => inspectNetwork(context.transport, ref, context.flags.on('verbose'))),
}
