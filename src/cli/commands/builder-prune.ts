import { pruneBuildCache } from '../../client/system.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf builder prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Remove all unused build cache, not just dangling ones' },
    longFilterFlag,
    { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' },
  ],
  examples: ['wharf builder prune -f', 'wharf builder prune --filter until=24h'],
  async run({ flags, terminal, transport }) {
    const all = flags.on('all')
    if (!flags.on('force')) {
      const question = `WARNING! This will remove all ${all ? '' : 'dangling '}build cache.`
      if (!(await confirm(terminal, question))) return 0
    }
    const { CachesDeleted, SpaceReclaimed = 0 } = await pruneBuildCache(transport, {
      all,
      filters: flags.list('filter'),
    })
    const deleted = CachesDeleted ?? []
    if (deleted.length > 0) terminal.stdout.write(`Deleted build cache objects:\n${deleted.join('\n')}\n\n`)
    printLine(terminal.stdout, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
}
