import { inspectVolume } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf volume inspect`. */
export const command: Command = {
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  arguments: { min: 1 },
  flags: [formatFlag],
  examples: ["wharf volume inspect -f '{{.Mountpoint}}' data"],
  completes: 'volume',
  run: (context) => inspectObjects(context, (name) => inspectVolume(context.transport, name)),
}
