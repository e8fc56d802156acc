import type { Command } from '../command.ts'
import { pull } from '../pull.ts'
import { fullName, parseReference, withDefaultTag } from '../reference.ts'
import { printLine } from '../terminal.ts'

/** `wharf pull`. */
export const command: Command = {
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  arguments: { min: 1, max: 1 },
  flags: [
    { name: 'all-tags', short: 'a', kind: 'bool', help: 'Download all tagged images in the repository' },
    { name: 'platform', kind: 'string', help: 'Set platform if server is multi-platform capable' },
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Suppress verbose output' },
  ],
  examples: ['wharf pull localhost:5000/busybox', 'wharf pull -q localhost:5000/busybox:v1'],
  async run({ flags, args, env, terminal, transport }) {
    const [image = ''] = args
    const all = flags.on('all-tags')
    const { tag, digest } = parseReference(image)
    if (all && (tag !== '' || digest !== '')) throw new Error("tag can't be used with --all-tags/-a")
    if (!all && tag === '' && digest === '' && !flags.on('quiet'))
      printLine(terminal.stdout, 'Using default tag: latest')
    const output = flags.on('quiet') ? undefined : terminal.stdout
    await pull(transport, { image, all, platform: flags.text('platform'), env, output })
    const full = all ? image : withDefaultTag(image)
    printLine(terminal.stdout, fullName(full))
    return 0
  },
}
