import { pruneImages } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { longFilterFlag } from '../flags/common-flags.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf image prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Remove all unused images, not just dangling ones' },
    longFilterFlag,
    { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' },
  ],
  examples: ['wharf image prune -f', 'wharf image prune -a'],
  async run({ flags, terminal, transport }) {
    const all = flags.on('all')
    if (!flags.on('force')) {
      const what = all ? 'all images without at least one container associated to them' : 'all dangling images'
      if (!(await confirm(terminal, `WARNING! This will remove ${what}.`))) return 0
    }
    const filters = [...flags.list('filter'), `dangling=${!all}`]
    const { ImagesDeleted, SpaceReclaimed = 0 } = await pruneImages(transport, filters)
    const lines = (ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
    )
    if (lines.length > 0) terminal.stdout.write(`Deleted Images:\n${lines.join('\n')}\n\n`)
    printLine(terminal.stdout, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
}
