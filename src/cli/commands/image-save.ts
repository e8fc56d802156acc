import { saveImages } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { writeArchive } from '../write-archive.ts'

/** `wharf save`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  arguments: { min: 1 },
  flags: [{ name: 'output', short: 'o', kind: 'string', help: 'Write to a file, instead of STDOUT' }],
  examples: ['wharf save -o busybox.tar busybox', 'wharf save busybox | gzip > busybox.tar.gz'],
  completes: 'image',
  run: ({ flags, args, terminal, transport }) =>
    writeArchive(terminal, flags.text('output'), 'save', () => saveImages(transport, args)),
}
