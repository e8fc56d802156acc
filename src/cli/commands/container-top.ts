import { topContainer } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { alignColumns, wideColumns } from '../format/columns.ts'

/** `wharf top`. */
export const command: Command = {
  usage: 'CONTAINER [ps OPTIONS]',
  arguments: { min: 1 },
  flags: [],
  passThrough: true,
  examples: ['wharf top web', 'wharf top web -o pid,cmd'],
  completes: 'running',
  async run({ args, terminal, transport }) {
    const [container = '', ...psArguments] = args
    const { Titles, Processes } = await topContainer(transport, container, psArguments.join(' '))
    const lines = [Titles, ...(Processes ?? [])].map((cells) => cells.join('\t'))
    terminal.stdout.write(alignColumns(`${lines.join('\n')}\n`, wideColumns))
    return 0
  },
}
