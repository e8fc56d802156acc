import { listVolumes } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { filterFlag, listFormatFlag } from '../flags/common-flags.ts'
import { type ListLayout, renderList } from '../format/list.ts'
import { volumeHeadings, volumeRow } from '../format/volume-row.ts'
import { naturalCompare } from '../format/words.ts'

/** `wharf volume ls`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { ...filterFlag, help: 'Provide filter values (e.g. "dangling=true")' },
    listFormatFlag,
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only display volume names' },
  ],
  examples: ['wharf volume ls', 'wharf volume ls -q -f dangling=true'],
  async run({ flags, terminal, transport }) {
    const { Volumes: volumes } = await listVolumes(transport, flags.list('filter'))
    const rows = volumes.toSorted((a, b) => naturalCompare(a.Name, b.Name)).map(volumeRow)
    terminal.stdout.write(renderList(rows, volumeLayout, flags.text('format'), flags.on('quiet')))
    return 0
  },
}

const volumeLayout: ListLayout = {
  table: '{{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  headings: volumeHeadings,
}
