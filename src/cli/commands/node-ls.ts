import { listNodes } from '../../client/nodes.ts'
import type { NodeResource } from '../../protocol/node.ts'
import type { Command } from '../command.ts'
import { listFormatFlag, noTruncFlag } from '../flags/common-flags.ts'
import { type ListLayout, type Row, renderList } from '../format/list.ts'
import { shortId } from '../format/words.ts'

/** `wharf node ls`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [listFormatFlag, noTruncFlag, { name: 'quiet', short: 'q', kind: 'bool', help: 'Only display node IDs' }],
  examples: ['wharf node ls', "wharf node ls --format '{{.Name}} {{.Address}} {{.State}}'"],
  async run({ flags, terminal, transport }) {
    const nodes = await listNodes(transport)
    const rows = nodes.map((node) => nodeRow(node, flags.on('no-trunc')))
    terminal.stdout.write(renderList(rows, layout, flags.text('format'), flags.on('quiet')))
    return 0
  },
}

const layout: ListLayout = {
  table: '{{.ID}} {{if .Self}}*{{end}}\t{{.Name}}\t{{.Address}}\t{{.MTU}}\t{{.State}}\t{{.EngineVersion}}',
  quiet: '{{.ID}}',
  headings: {
    ID: 'ID',
    Name: 'NAME',
    Address: 'ADDRESS',
    MTU: 'MTU',
    State: 'STATE',
    EngineVersion: 'ENGINE VERSION',
    Self: '', // nothing: the heading has no star
  },
}

function nodeRow({ ID, Name, Address, MTU, State, EngineVersion, Self }: NodeResource, full: boolean): Row {
  return { ID: full ? ID : shortId(ID), Name, Address, MTU: String(MTU), State, EngineVersion, Self }
}
