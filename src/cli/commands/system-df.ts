import { diskUsage } from '../../client/system.ts'
import type { DiskUsage } from '../../protocol/disk-usage.ts'
import type { Command } from '../command.ts'
import { listFormatFlag } from '../flags/common-flags.ts'
import { containerHeadings, containerRow } from '../format/container-row.ts'
import { cacheBytes, cacheHeadings, cacheRowOf, usageRows } from '../format/disk-usage.ts'
import { imageHeadings, imageRows } from '../format/image-rows.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { humanSize } from '../format/units.ts'
import { volumeHeadings, volumeRow } from '../format/volume-row.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

/** `wharf system df`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    listFormatFlag,
    { name: 'verbose', short: 'v', kind: 'bool', help: 'Show detailed information on space usage' },
  ],
  examples: ['wharf system df', 'wharf system df -v'],
  async run({ flags, terminal, transport, now }) {
    const usage = await diskUsage(transport)
    const format = flags.text('format')
    const write = (text: string): unknown => terminal.stdout.write(text)
    if (!flags.on('verbose')) write(renderList(usageRows(usage), summary, format, false))
    else if (format === '' || format === 'table') write(sections(usage, now()))
    else if (format === 'json') write(JSON.stringify(details(usage, now(), true)))
    else printLine(terminal.stdout, compileTemplate(format).render(details(usage, now(), true)))
    return 0
  },
}

const summary: ListLayout = {
  table: '{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
  quiet: '{{.Type}}',
  headings: { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' },
}

type Details = Readonly<Record<'Images' | 'Containers' | 'Volumes' | 'BuildCache', readonly Row[]>>

function details({ Images, Containers, Volumes, BuildCache }: DiskUsage, nowMs: number, full: boolean): Details {
  return {
    Images: (Images ?? []).flatMap((image) => imageRows(image, { full, digests: false, nowMs })),
    Containers: (Containers ?? []).map(({ SizeRootFs: _, ...each }) => containerRow(each, { full, nowMs })),
    Volumes: (Volumes ?? []).map(volumeRow),
    BuildCache: (BuildCache ?? []).map((record) => cacheRowOf(record, nowMs)),
  }
}

function sections(usage: DiskUsage, nowMs: number): string {
  const { Images, Containers, Volumes, BuildCache } = details(usage, nowMs, false)
  const table = (rows: readonly Row[], columns: string, headings: ListLayout['headings']): string => {
    const template = columns.split(' ').map((name) => `{{.${name}}}`)
    return renderList(rows, { table: template.join('\t'), quiet: '', headings }, '', false)
  }
  const imageColumns = 'Repository Tag ID CreatedSince Size SharedSize UniqueSize Containers'
  const containerColumns = 'ID Image Command LocalVolumes Size RunningFor Status Names'
  return [
    `Images space usage:\n\n${table(Images, imageColumns, imageHeadings)}`,
    `Containers space usage:\n\n${table(Containers, containerColumns, containerHeadings)}`,
    `Local Volumes space usage:\n\n${table(Volumes, 'Name Links Size', volumeHeadings)}`,
    `Build cache usage: ${humanSize(cacheBytes(usage.BuildCache ?? []))}\n\n` +
      table(BuildCache, 'ID CacheType Size CreatedSince LastUsedSince UsageCount Shared', cacheHeadings),
  ].join('\n')
}
