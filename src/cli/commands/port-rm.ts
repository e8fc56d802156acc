import { parsePortRanges } from '../../base/port-specs.ts'
import { unpublishPort } from '../../client/ports.ts'
import type { Command } from '../command.ts'

/** `wharf port rm`. */
export const command: Command = {
  usage: 'CONTAINER [HOST_PORT:]PORT[/PROTO]...',
  arguments: { min: 2 },
  flags: [],
  examples: ['wharf port rm web 80', 'wharf port rm web 8080:80 9000-9010:9000-9010', 'wharf port rm dns 53/udp'],
  completes: 'running',
  async run({ args, transport }) {
    const [container = '', ...specs] = args
    for (const { protocol, inside, outside } of specs.map(parsePortRanges)) {
      await unpublishPort(transport, container, `${inside}/${protocol}`, outside || undefined)
    }
    return 0
  },
}
