import { listContainers } from '../../client/containers.ts'
import type { ContainerSummary, MountPoint } from '../../protocol/container-summary.ts'
import type { Command } from '../command.ts'
import { reachOfAll } from '../container-reach.ts'
import { filterFlag, listFormatFlag, noTruncFlag, reachFlag } from '../flags/common-flags.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { renderPorts } from '../format/ports.ts'
import { goTime, humanDuration, humanSize } from '../format/units.ts'
import { ellipsis, labelLine, shortId } from '../format/words.ts'

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
    headings,
  }
}

const headings = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Reach: 'REACH',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
  Platform: 'PLATFORM',
}

/** One container as a template sees it. @param full `--no-trunc`: nothing is shortened */
function containerRow(container: ContainerSummary, { full, nowMs }: { full: boolean; nowMs: number }): Row {
  const labels = container.Labels ?? {}
  const createdMs = container.Created * 1000
  return {
    Command: JSON.stringify(full ? container.Command : ellipsis(container.Command, 20)),
    CreatedAt: goTime(createdMs),
    ID: full ? container.Id : shortId(container.Id),
    Image: imageName(container, full),
    Labels: labelLine(labels),
    LocalVolumes: String((container.Mounts ?? []).filter(({ Type }) => Type === 'volume').length),
    Mounts: (container.Mounts ?? []).map((mount) => mountName(mount, full)).join(','),
    Names: names(container.Names ?? [], full).join(','),
    Networks: Object.keys(container.NetworkSettings?.Networks ?? {})
      .sort()
      .join(','),
    // The daemon's list has no platform; Docker's JSON has the key all the same.
    Platform: null,
    Ports: renderPorts(container.Ports ?? []),
    RunningFor: `${humanDuration(nowMs - createdMs)} ago`,
    Size: sizes(container),
    State: container.State,
    Status: container.Status,
    Label: (name: unknown) => labels[String(name)] ?? '',
  }
}

function imageName({ Image: image, ImageID: id }: ContainerSummary, full: boolean): string {
  if (image === '') return '<no image>'
  if (full) return image
  // An image that lost its name is listed by its id.
  if (shortId(id) === shortId(image)) return shortId(id)
  return image.split('@')[0] ?? image
}

function names(all: readonly string[], full: boolean): string[] {
  const plain = all.map((name) => name.replace(/^\//, ''))
  // "/web/db" is what a link calls it; only the container's own name is short.
  return full ? plain : plain.filter((name) => !name.includes('/'))
}

function mountName(mount: MountPoint & { readonly Name?: string }, full: boolean): string {
  const name = mount.Name || mount.Source
  return full ? name : ellipsis(name, 15)
}

function sizes({ SizeRw: own = 0, SizeRootFs: all = 0 }: ContainerSummary): string {
  return all > 0 ? `${humanSize(own, 3)} (virtual ${humanSize(all, 3)})` : humanSize(own, 3)
}
