import { listVolumes } from '../../client/volumes.ts'
import type { VolumeView } from '../../protocol/volume.ts'
import type { Command } from '../command.ts'
import { filterFlag, listFormatFlag } from '../flags/common-flags.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { humanSize } from '../format/units.ts'
import { labelLine, naturalCompare } from '../format/words.ts'

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
  headings: {
    Name: 'VOLUME NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Links: 'LINKS',
    Size: 'SIZE',
    Labels: 'LABELS',
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Status: 'STATUS',
  },
}

/** What a list of volumes can show of one. Groups and the like are for volumes of a swarm. */
export function volumeRow({ Name, Driver, Scope, Mountpoint, Labels, UsageData }: VolumeView): Row {
  const labels = Labels ?? {}
  return {
    Availability: 'N/A',
    Driver,
    Group: 'N/A',
    Labels: labelLine(labels),
    Links: UsageData === undefined ? 'N/A' : String(UsageData.RefCount),
    Mountpoint,
    Name,
    Scope,
    Size: UsageData === undefined || UsageData.Size < 0 ? 'N/A' : humanSize(UsageData.Size),
    Status: 'N/A',
    Label: (name: unknown) => labels[String(name)] ?? '',
  }
}
