import { pruneNetworks, pruneNetworksAs } from '../../client/networks.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'

/** `wharf network prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Also remove networks that only stopped containers name' },
    { name: 'dry-run', kind: 'bool', help: 'Only show what would be removed' },
    longFilterFlag,
    { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' },
  ],
  examples: ['wharf network prune -f', 'wharf network prune --dry-run'],
  async run({ flags, terminal, transport }) {
    const [dryRun, all] = [flags.on('dry-run'), flags.on('all')]
    if (!flags.on('force') && !dryRun) {
      const question = 'WARNING! This will remove all custom networks not used by at least one container.'
      if (!(await confirm(terminal, question))) return 0
    }
    const filters = flags.list('filter')
    // An engine that is not ours knows only the plain one.
    const answer =
      dryRun || all ? pruneNetworksAs(transport, filters, { dryRun, all }) : pruneNetworks(transport, filters)
    const deleted = (await answer).NetworksDeleted ?? []
    const title = dryRun ? 'Networks that would be deleted' : 'Deleted Networks'
    if (deleted.length > 0) terminal.stdout.write(`${title}:\n${deleted.join('\n')}\n\n`)
    return 0
  },
}
