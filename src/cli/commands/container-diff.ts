import { listChanges } from '../../client/files.ts'
import type { Command } from '../command.ts'
import { printLine } from '../terminal.ts'

/** What each kind of change is called. */
const letters = { 0: 'C', 1: 'A', 2: 'D' } as const

/** `wharf diff`. */
export const command: Command = {
  usage: 'CONTAINER',
  arguments: { min: 1, max: 1 },
  flags: [],
  examples: ['wharf diff web'],
  completes: 'container',
  async run({ args, terminal, transport }) {
    for (const { Kind, Path } of await listChanges(transport, args[0]!)) {
      printLine(terminal.stdout, `${letters[Kind]} ${Path}`)
    }
    return 0
  },
}
