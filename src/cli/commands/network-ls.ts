import { listNetworks } from '../../client/networks.ts'
import type { NetworkResource } from '../../protocol/network.ts'
import type { Command } from '../command.ts'
import { filterFlag, listFormatFlag, noTruncFlag } from '../flags/common-flags.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { labelLine, naturalCompare, shortId } from '../format/words.ts'

/** `wharf network ls`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { ...filterFlag, help: 'Provide filter values (e.g. "driver=bridge")' },
    listFormatFlag,
    noTruncFlag,
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only display network IDs' },
  ],
  examples: [
    'wharf network ls',
    'wharf network ls -f driver=bridge -q',
    "wharf network ls --format '{{.Name}} {{.IPv6}}'",
  ],
  async run({ flags, terminal, transport }) {
    const networks = await listNetworks(transport, flags.list('filter'))
    const sorted = networks.toSorted((a, b) => naturalCompare(a.Name, b.Name))
    const rows = sorted.map((network) => networkRow(network, flags.on('no-trunc')))
    terminal.stdout.write(renderList(rows, layout, flags.text('format'), flags.on('quiet')))
    return 0
  },
}

const layout: ListLayout = {
  table: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
  quiet: '{{.ID}}',
  headings: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  },
}

function networkRow(network: NetworkResource, full: boolean): Row {
  const labels = network.Labels ?? {}
  return {
    CreatedAt: goTimeOf(network.Created),
    Driver: network.Driver,
    ID: full ? network.Id : shortId(network.Id),
    IPv4: String(network.EnableIPv4 ?? false),
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Labels: labelLine(labels),
    Name: network.Name,
    Scope: network.Scope,
    Label: (name: unknown) => labels[String(name)] ?? '',
  }
}

// "2026-11-21T08:21:53.266726284Z" is "2026-11-21 08:21:53.266726284 +0000 UTC" in Go's hand.
function goTimeOf(rfc3339: string): string {
  const [, date, time, zone] = /^(\S+)T([\d:.]+)(Z|[+-]\d\d:\d\d)$/.exec(rfc3339) ?? []
  if (date === undefined || time === undefined || zone === undefined) return rfc3339
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '')
  return `${date} ${time.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')} ${offset} ${offset === '+0000' ? 'UTC' : offset}`
}
