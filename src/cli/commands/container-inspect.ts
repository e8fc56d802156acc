import { inspectContainer } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { inspectWithReach } from '../container-reach.ts'
import { formatFlag, reachFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf container inspect`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [formatFlag, reachFlag, { name: 'size', short: 's', kind: 'bool', help: 'Display total file sizes' }],
  examples: ["wharf container inspect -f '{{.NetworkSettings.IPAddress}}' web"],
  completes: 'container',
  run(context) {
    const inspect = context.flags.on('reach') ? inspectWithReach : inspectContainer
    return inspectObjects(context, (ref) => inspect(context.transport, ref, context.flags.on('size')))
  },
}
