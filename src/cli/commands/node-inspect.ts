import { inspectNode } from '../../client/nodes.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf node inspect`. */
export const command: Command = {
  usage: '[OPTIONS] NODE [NODE...]',
  arguments: { min: 1 },
  flags: [formatFlag],
  examples: ['wharf node inspect alpha', "wharf node inspect -f '{{.State}}' alpha beta"],
  run: (context) => inspectObjects(context, (ref) => inspectNode(context.transport, ref)),
}
