import { pruneContainers } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf container prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [longFilterFlag, { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' }],
  examples: ['wharf container prune -f --filter until=24h'],
  async run({ flags, terminal, transport }) {
    if (!flags.on('force')) {
      if (!(await confirm(terminal, 'WARNING! This will remove all stopped containers.'))) return 0
    }
    const { ContainersDeleted, SpaceReclaimed = 0 } = await pruneContainers(transport, flags.list('filter'))
    const deleted = ContainersDeleted ?? []
    if (deleted.length > 0) terminal.stdout.write(`Deleted Containers:\n${deleted.join('\n')}\n\n`)
    printLine(terminal.stdout, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
}
