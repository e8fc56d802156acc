import { commitContainer } from '../../client/files.ts'
import type { Command } from '../command.ts'
import { printLine } from '../terminal.ts'

/** `wharf commit`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  arguments: { min: 1, max: 2 },
  flags: [
    {
      name: 'author',
      short: 'a',
      kind: 'string',
      help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")',
    },
    { name: 'change', short: 'c', kind: 'list', help: 'Apply Dockerfile instruction to the created image' },
    { name: 'message', short: 'm', kind: 'string', help: 'Commit message' },
    { name: 'pause', short: 'p', kind: 'bool', default: 'true', help: 'Pause container during commit' },
  ],
  examples: ['wharf commit web web:fixed', `wharf commit -c 'CMD ["serve"]' -m 'with the new page' web`],
  completes: 'container',
  async run({ flags, args, terminal, transport }) {
    const [container, reference = ''] = args
    const { Id } = await commitContainer(transport, {
      container,
      repo: reference || undefined,
      author: flags.text('author') || undefined,
      comment: flags.text('message') || undefined,
      changes: flags.list('change'),
      pause: flags.on('pause') ? 1 : 0,
    })
    printLine(terminal.stdout, Id)
    return 0
  },
}
