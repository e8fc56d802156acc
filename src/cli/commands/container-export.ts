import { openExport } from '../../client/files.ts'
import type { Command } from '../command.ts'
import { writeArchive } from '../write-archive.ts'

/** `wharf export`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER',
  arguments: { min: 1, max: 1 },
  flags: [{ name: 'output', short: 'o', kind: 'string', help: 'Write to a file, instead of STDOUT' }],
  examples: ['wharf export -o web.tar web', 'wharf export web | wharf import - web:flat'],
  completes: 'container',
  run: ({ flags, args, terminal, transport }) =>
    writeArchive(terminal, flags.text('output'), 'export', () => openExport(transport, args[0]!)),
}
