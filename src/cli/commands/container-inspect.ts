import { inspectContainer } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf container inspect`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [formatFlag, { name: 'size', short: 's', kind: 'bool', help: 'Display total file sizes' }],
  examples: ["wharf container inspect -f '{{.NetworkSettings.IPAddress}}' web"],
  completes: 'container',
  run: (context) =>
    inspectObjects(context, (ref) => inspectContainer(context.transport, ref, context.flags.on('size'))),
}
