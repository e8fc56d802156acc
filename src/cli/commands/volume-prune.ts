import { pruneVolumes } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf volume prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Remove all unused volumes, not just anonymous ones' },
    longFilterFlag,
    { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' },
  ],
  examples: ['wharf volume prune -f', 'wharf volume prune -a --filter label=tier=test'],
  async run({ flags, terminal, transport }) {
    const all = flags.on('all')
    const filters = flags.list('filter')
    if (all && filters.some((word) => word.startsWith('all='))) {
      throw new Error('conflicting options: cannot specify both --all and --filter all=1')
    }
    if (!flags.on('force')) {
      const which = all ? 'all local' : 'anonymous local'
      const question = `WARNING! This will remove ${which} volumes not used by at least one container.`
      if (!(await confirm(terminal, question))) return 0
    }
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(transport, [...filters, ...(all ? ['all=true'] : [])])
    const names = VolumesDeleted ?? []
    if (names.length > 0) terminal.stdout.write(`Deleted Volumes:\n${names.join('\n')}\n\n`)
    printLine(terminal.stdout, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
}
