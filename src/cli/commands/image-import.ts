import { importImage } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { openInputFile } from '../input-file.ts'
import { printProgress } from '../progress.ts'

/** `wharf import`. */
export const command: Command = {
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  arguments: { min: 1, max: 2 },
  flags: [
    { name: 'change', short: 'c', kind: 'list', help: 'Apply Dockerfile instruction to the created image' },
    { name: 'message', short: 'm', kind: 'string', help: 'Set commit message for imported image' },
    { name: 'platform', kind: 'string', help: 'Set platform if server is multi-platform capable' },
  ],
  examples: ['tar -C rootfs -c . | wharf import - busybox', `wharf import -c 'CMD ["sh"]' rootfs.tar busybox:v1`],
  completes: 'file',
  async run({ flags, args, terminal, transport }) {
    const [source = '', repo] = args
    const isUrl = /^https?:\/\//.test(source)
    const tar = isUrl ? source : source === '-' ? terminal.stdin : await openInputFile(source)
    const query = {
      repo,
      message: flags.text('message') || undefined,
      changes: flags.list('change'),
      platform: flags.text('platform') || undefined,
    }
    await printProgress(importImage(transport, tar, query), terminal.stdout)
    return 0
  },
}
