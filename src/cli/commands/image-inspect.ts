import { inspectImage } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf image inspect`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  arguments: { min: 1 },
  flags: [formatFlag],
  examples: ["wharf image inspect -f '{{.Id}}' busybox"],
  completes: 'image',
  run: (context) => inspectObjects(context, (ref) => inspectImage(context.transport, ref)),
}
