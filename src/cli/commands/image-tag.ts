import { tagImage } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { parseReference } from '../reference.ts'

/** `wharf tag`. */
export const command: Command = {
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  arguments: { min: 2, max: 2 },
  flags: [],
  examples: ['wharf tag busybox localhost:5000/tools/busybox:v1'],
  completes: 'image',
  async run({ args, transport }) {
    const [source = '', target = ''] = args
    const { name, tag } = parseReference(target)
    await tagImage(transport, source, name, tag)
    return 0
  },
}
