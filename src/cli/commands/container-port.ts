import { inspectContainer } from '../../client/containers.ts'
import { portReach } from '../../client/ports.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'
import { joinHostPort } from '../format/ports.ts'
import { renderReach } from '../format/reach.ts'
import { naturalCompare } from '../format/words.ts'
import { printLine } from '../terminal.ts'

/** `wharf port`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [PRIVATE_PORT[/PROTO]]',
  arguments: { min: 1, max: 2 },
  flags: [{ name: 'reach', kind: 'bool', help: 'Say from where each port is reached, and why not from elsewhere' }],
  examples: ['wharf port web', 'wharf port --reach web', 'wharf port web 80', 'wharf port dns 53/udp'],
  completes: 'running',
  async run({ args, flags, terminal, transport }) {
    const [container = '', wanted] = args
    if (flags.on('reach')) {
      const { Ports } = await portReach(transport, container)
      const meant = Ports.filter(({ Port }) => wanted === undefined || covers(Port, wanted))
      if (wanted !== undefined && meant.length === 0) throw notPublished(wanted, container)
      for (const port of meant) printLine(terminal.stdout, renderReach(port))
      return 0
    }
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
    if (bindings.length === 0) throw notPublished(wanted, container)
    for (const { HostIp = '', HostPort = '' } of bindings) printLine(terminal.stdout, joinHostPort(HostIp, HostPort))
    return 0
  },
}

/** Whether `"8000-8010/tcp"` has what the user named: `"8001"`, `"8001/tcp"`. */
function covers(range: string, wanted: string): boolean {
  const [ports = '', protocol] = range.split('/')
  const [port = '', kind = 'tcp'] = wanted.split('/')
  const [first = 0, last = first] = ports.split('-').map(Number)
  return protocol === kind && first <= Number(port) && Number(port) <= last
}

function notPublished(wanted: string, container: string): ExitError {
  return new ExitError(1, `Error: No public port '${wanted}' published for ${container}`)
}
