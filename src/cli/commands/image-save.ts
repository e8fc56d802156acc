import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { saveImages } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'

/** `wharf save`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  arguments: { min: 1 },
  flags: [{ name: 'output', short: 'o', kind: 'string', help: 'Write to a file, instead of STDOUT' }],
  examples: ['wharf save -o busybox.tar busybox', 'wharf save busybox | gzip > busybox.tar.gz'],
  completes: 'image',
  async run({ flags, args, terminal, transport }) {
    const output = flags.text('output')
    if (output === '' && terminal.stdout.isTTY) {
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    }
    const archive = await saveImages(transport, args)
    if (output === '') {
      await pipeline(archive, terminal.stdout, { end: false })
      return 0
    }
    // A file of that name is replaced only by a whole archive.
    const partial = `${output}.${process.pid}.partial`
    try {
      await pipeline(archive, createWriteStream(partial, { mode: 0o600 }))
      await rename(partial, output)
    } finally {
      await rm(partial, { force: true })
    }
    return 0
  },
}
