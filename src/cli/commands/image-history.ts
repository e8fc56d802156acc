import { imageHistory } from '../../client/images.ts'
import type { ImageHistoryItem } from '../../protocol/image.ts'
import type { Command } from '../command.ts'
import { listFormatFlag, noTruncFlag } from '../flags/common-flags.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { humanDuration, humanSize, localRfc3339 } from '../format/units.ts'
import { ellipsis, shortId } from '../format/words.ts'

/** `wharf history`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE',
  arguments: { min: 1, max: 1 },
  flags: [
    listFormatFlag,
    {
      name: 'human',
      short: 'H',
      kind: 'bool',
      default: 'true',
      help: 'Print sizes and dates in human readable format',
    },
    noTruncFlag,
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only show image IDs' },
  ],
  examples: ['wharf history busybox'],
  completes: 'image',
  async run({ flags, args: [image = ''], terminal, transport, now }) {
    const options = { full: flags.on('no-trunc'), human: flags.on('human'), nowMs: now() }
    const rows = (await imageHistory(transport, image)).map((item) => historyRow(item, options))
    terminal.stdout.write(renderList(rows, layout(options.human), flags.text('format'), flags.on('quiet')))
    return 0
  },
}

function layout(human: boolean): ListLayout {
  return {
    table: `{{.ID}}\t${human ? '{{.CreatedSince}}' : '{{.CreatedAt}}'}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    quiet: '{{.ID}}',
    headings: {
      ID: 'IMAGE',
      CreatedSince: 'CREATED',
      CreatedAt: 'CREATED AT',
      CreatedBy: 'CREATED BY',
      Size: 'SIZE',
      Comment: 'COMMENT',
    },
  }
}

function historyRow(
  item: ImageHistoryItem,
  { full, human, nowMs }: { full: boolean; human: boolean; nowMs: number },
): Row {
  const createdMs = item.Created * 1000
  const createdBy = item.CreatedBy.replaceAll('\t', ' ')
  return {
    Comment: item.Comment,
    CreatedAt: createdMs <= 0 ? '' : localRfc3339(createdMs),
    CreatedBy: full ? createdBy : ellipsis(createdBy, 45),
    CreatedSince: createdMs <= 0 ? 'N/A' : `${humanDuration(nowMs - createdMs)} ago`,
    ID: full ? item.Id : shortId(item.Id),
    Size: human ? humanSize(item.Size, 3) : String(item.Size),
  }
}
