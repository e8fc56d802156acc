import { parsePortSpec } from '../../base/port-specs.ts'
import { publishPorts } from '../../client/ports.ts'
import type { PortBinding, PortKey } from '../../protocol/container.ts'
import type { Command } from '../command.ts'
import { joinHostPort } from '../format/ports.ts'
import { naturalCompare } from '../format/words.ts'
import { printLine } from '../terminal.ts'

/** `wharf port add`. */
export const command: Command = {
  usage: 'CONTAINER [[IP:]HOST_PORT:]PORT[/PROTO]...',
  arguments: { min: 2 },
  flags: [],
  examples: ['wharf port add web 8080:80', 'wharf port add dns 127.0.0.1:53:53/udp 8000-8010:8000-8010'],
  completes: 'running',
  async run({ args, terminal, transport }) {
    const [container = '', ...specs] = args
    const bindings: Record<PortKey, PortBinding[]> = {}
    for (const { key, binding } of specs.flatMap(parsePortSpec)) {
      bindings[key] ??= []
      bindings[key].push(binding)
    }
    const { Ports } = await publishPorts(transport, container, bindings)
    const lines = Object.entries(Ports).flatMap(([key, bound]) =>
      (bound ?? []).map(({ HostIp = '', HostPort = '' }) => `${key} -> ${joinHostPort(HostIp, HostPort)}`),
    )
    for (const line of lines.sort(naturalCompare)) printLine(terminal.stdout, line)
    return 0
  },
}
