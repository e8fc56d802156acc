import { inspectContainer } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'
import { joinHostPort } from '../format/ports.ts'
import { naturalCompare } from '../format/words.ts'
import { printLine } from '../terminal.ts'

/** `wharf port`. */
export const command: Command = {
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  arguments: { min: 1, max: 2 },
  flags: [],
  examples: ['wharf port web', 'wharf port web 80', 'wharf port dns 53/udp'],
  completes: 'running',
  async run({ args, terminal, transport }) {
    const [container = '', wanted] = args
    const ports = (await inspectContainer(transport, container)).NetworkSettings.Ports ?? {}
    if (wanted === undefined) {
      const lines = Object.entries(ports).flatMap(([key, bindings]) =>
        (bindings ?? []).map(({ HostIp = '', HostPort = '' }) => `${key} -> ${joinHostPort(HostIp, HostPort)}`),
      )
      for (const line of lines.sort(naturalCompare)) printLine(terminal.stdout, line)
      return 0
    }
    const key = wanted.includes('/') ? wanted : `${wanted}/tcp`
    const bindings = ports[key] ?? []
    if (bindings.length === 0) throw new ExitError(1, `Error: No public port '${wanted}' published for ${container}`)
    for (const { HostIp = '', HostPort = '' } of bindings) printLine(terminal.stdout, joinHostPort(HostIp, HostPort))
    return 0
  },
}
