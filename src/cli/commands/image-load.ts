import { loadImages } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'
import { openInputFile } from '../input-file.ts'
import { printProgress } from '../progress.ts'

/** `wharf load`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'input', short: 'i', kind: 'string', help: 'Read from tar archive file, instead of STDIN' },
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Suppress the load output' },
  ],
  examples: ['wharf load -i busybox.tar', 'gunzip < busybox.tar.gz | wharf load'],
  async run({ flags, terminal, transport }) {
    const input = flags.text('input')
    if (input === '' && terminal.stdin.isTTY) throw new ExitError(1, 'requested load from stdin, but stdin is empty')
    const archive = input === '' ? terminal.stdin : await openInputFile(input)
    await printProgress(loadImages(transport, archive, flags.on('quiet') || !terminal.stdout.isTTY), terminal.stdout)
    return 0
  },
}
