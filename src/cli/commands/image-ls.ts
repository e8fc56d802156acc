import { listImages } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { filterFlag, listFormatFlag, noTruncFlag } from '../flags/common-flags.ts'
import { imageHeadings, imageRows } from '../format/image-rows.ts'
import { type ListLayout, renderList } from '../format/list.ts'

/** `wharf images`. */
export const command: Command = {
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  arguments: { min: 0, max: 1 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Show all images (default hides intermediate images)' },
    { name: 'digests', kind: 'bool', help: 'Show digests' },
    filterFlag,
    listFormatFlag,
    noTruncFlag,
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only show image IDs' },
  ],
  examples: ['wharf images', 'wharf images -q busybox', "wharf images --format '{{.Repository}}:{{.Tag}} {{.Size}}'"],
  completes: 'image',
  async run({ flags, args, terminal, transport, now }) {
    const [pattern] = args
    const filters = [...flags.list('filter'), ...(pattern === undefined ? [] : [`reference=${pattern}`])]
    const images = await listImages(transport, { all: flags.on('all'), filters })
    const digests = flags.on('digests') || /\{\{[^}]*\.Digest\b/.test(flags.text('format'))
    const rows = images
      .toSorted((a, b) => b.Created - a.Created)
      .flatMap((image) => imageRows(image, { full: flags.on('no-trunc'), digests, nowMs: now() }))
    terminal.stdout.write(renderList(rows, layout(flags.on('digests')), flags.text('format'), flags.on('quiet')))
    return 0
  },
}

function layout(digests: boolean): ListLayout {
  return {
    table: `{{.Repository}}\t{{.Tag}}\t${digests ? '{{.Digest}}\t' : ''}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    quiet: '{{.ID}}',
    headings: imageHeadings,
  }
}
