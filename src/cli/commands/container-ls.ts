import { listContainers } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { reachOfAll } from '../container-reach.ts'
import { filterFlag, listFormatFlag, noTruncFlag, reachFlag } from '../flags/common-flags.ts'
import { containerHeadings, containerRow } from '../format/container-row.ts'
import { type ListLayout, renderList } from '../format/list.ts'

const table = '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'

/** `wharf ps`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Show all containers (default shows just running)' },
    filterFlag,
    listFormatFlag,
    {
      name: 'last',
      short: 'n',
      kind: 'int',
      default: '-1',
      help: 'Show n last created containers (includes all states)',
    },
    { name: 'latest', short: 'l', kind: 'bool', help: 'Show the latest created container (includes all states)' },
    noTruncFlag,
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only display container IDs' },
    reachFlag,
    { name: 'size', short: 's', kind: 'bool', help: 'Display total file sizes' },
  ],
  examples: [
    'wharf ps -a',
    'wharf ps -q -f status=running',
    "wharf ps --format 'table {{.Names}}\\t{{.Ports}}\\t{{.Networks}}'",
    "wharf ps --format '{{.Names}}: {{.Reach}}'",
  ],
  async run({ flags, terminal, transport, now }) {
    const format = flags.text('format')
    const last = flags.on('latest') ? 1 : (flags.number('last') ?? -1)
    const size = flags.on('size') || /\{\{[^}]*\.Size\b|\{\{\s*json \.\s*\}\}/.test(format)
    const containers = await listContainers(transport, {
      all: flags.on('all'),
      limit: last > 0 ? last : undefined,
      size,
      filters: flags.list('filter'),
    })
    const asksReach = flags.on('reach') || /\{\{[^}]*\.Reach\b/.test(format)
    const reach = asksReach ? await reachOfAll(transport, containers) : undefined
    const rows = containers.map((each) => ({
      ...containerRow(each, { full: flags.on('no-trunc'), nowMs: now() }),
      ...(reach && { Reach: reach.get(each.Id) ?? '' }),
    }))
    const columns = [...(flags.on('size') ? ['{{.Size}}'] : []), ...(flags.on('reach') ? ['{{.Reach}}'] : [])]
    terminal.stdout.write(renderList(rows, layout(columns), format, flags.on('quiet')))
    return 0
  },
}

/** @param columns besides the usual ones */
function layout(columns: readonly string[]): ListLayout {
  return {
    table: [table, ...columns].join('\t'),
    quiet: '{{.ID}}',
    headings: containerHeadings,
  }
}
