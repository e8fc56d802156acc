import { events } from '../../client/system.ts'
import type { EventMessage } from '../../protocol/event.ts'
import type { Command } from '../command.ts'
import { filterFlag, formatFlag } from '../flags/common-flags.ts'
import { parseMoment } from '../flags/moments.ts'
import { localRfc3339 } from '../format/units.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

const { short: _short, ...longFormatFlag } = formatFlag

/** `wharf events`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    filterFlag,
    longFormatFlag,
    { name: 'since', kind: 'string', help: 'Show all events created since timestamp' },
    { name: 'until', kind: 'string', help: 'Stream events until this timestamp' },
  ],
  examples: ['wharf events -f type=network', "wharf events --since 10m --until 0s --format '{{json .}}'"],
  async run({ flags, terminal, transport, now }) {
    const format = flags.text('format')
    const template = format === '' ? undefined : compileTemplate(format === 'json' ? '{{json .}}' : format)
    const moment = (name: string): string | undefined => {
      return flags.given(name) ? parseMoment(flags.text(name), now()) : undefined
    }
    const options = { since: moment('since'), until: moment('until'), filters: flags.list('filter') }
    for await (const event of events(transport, options)) {
      printLine(terminal.stdout, template === undefined ? renderEvent(event) : template.render(event))
    }
    return 0
  },
}

/** One line as Docker prints it: time, type, action, id and the attributes in brackets, sorted. */
function renderEvent({ Type, Action, Actor, time, timeNano }: EventMessage): string {
  const attributes = Object.entries(Actor.Attributes ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  const words = [moment(time, timeNano), Type, Action, Actor.ID]
  return attributes.length > 0 ? `${words.join(' ')} (${attributes.join(', ')})` : words.join(' ')
}

function moment(time: number, timeNano: number): string {
  // The digits as they are written: arithmetic would bring out those that a number cannot hold.
  const nanoseconds = String(timeNano).padStart(9, '0').slice(-9)
  return localRfc3339(time * 1000).replace(/(:\d\d)(Z|[+-]\d\d:\d\d)$/, `$1.${nanoseconds}$2`)
}
