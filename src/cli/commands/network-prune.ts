import { pruneNetworks } from '../../client/networks.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'

/** `wharf network prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [longFilterFlag, { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' }],
  examples: ['wharf network prune -f'],
  async run({ flags, terminal, transport }) {
    if (!flags.on('force')) {
      const question = 'WARNING! This will remove all custom networks not used by at least one container.'
      if (!(await confirm(terminal, question))) return 0
    }
    const deleted = (await pruneNetworks(transport, flags.list('filter'))).NetworksDeleted ?? []
    if (deleted.length > 0) terminal.stdout.write(`Deleted Networks:\n${deleted.join('\n')}\n\n`)
    return 0
  },
}
