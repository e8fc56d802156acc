import { parsePortSpec } from '../../base/port-specs.ts'
import { unpublishPort } from '../../client/ports.ts'
import type { Command } from '../command.ts'

/** `wharf port rm`. */
export const command: Command = {
  usage: 'CONTAINER [HOST_PORT:]PORT[/PROTO]...',
  arguments: { min: 2 },
  flags: [],
  examples: ['wharf port rm web 80', 'wharf port rm web 8080:80', 'wharf port rm dns 53/udp'],
  completes: 'running',
  async run({ args, transport }) {
    const [container = '', ...specs] = args
    for (const { key, binding } of specs.flatMap(parsePortSpec)) {
      await unpublishPort(transport, container, key, binding.HostPort === '' ? undefined : Number(binding.HostPort))
    }
    return 0
  },
}
