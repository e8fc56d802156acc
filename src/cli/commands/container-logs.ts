import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { inspectContainer, openLogs } from '../../client/containers.ts'
import { createDemultiplexer } from '../../client/demultiplexer.ts'
import type { Command } from '../command.ts'
import { parseMoment } from '../flags/moments.ts'

/** `wharf logs`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER',
  arguments: { min: 1, max: 1 },
  flags: [
    { name: 'details', kind: 'bool', help: 'Show extra details provided to logs' },
    { name: 'follow', short: 'f', kind: 'bool', help: 'Follow log output' },
    {
      name: 'since',
      kind: 'string',
      help: 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
    {
      name: 'tail',
      short: 'n',
      kind: 'string',
      default: 'all',
      help: 'Number of lines to show from the end of the logs',
    },
    { name: 'timestamps', short: 't', kind: 'bool', help: 'Show timestamps' },
    {
      name: 'until',
      kind: 'string',
      help: 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
  ],
  examples: ['wharf logs -f --tail 10 web', 'wharf logs -t --since 5m web'],
  completes: 'container',
  async run({ flags, args, terminal, transport, now }) {
    const { Id: id, Config } = await inspectContainer(transport, args[0] ?? '')
    const moment = (name: string): string | undefined => {
      return flags.given(name) ? parseMoment(flags.text(name), now()) : undefined
    }
    const logs = await openLogs(transport, id, {
      follow: flags.on('follow') && 1,
      since: moment('since'),
      until: moment('until'),
      timestamps: flags.on('timestamps') && 1,
      details: flags.on('details') && 1,
      tail: flags.text('tail'),
    })
    if (Config.Tty) {
      logs.pipe(terminal.stdout, { end: false })
      await once(logs, 'end')
      return 0
    }
    const { stdout, stderr } = terminal
    await pipeline(
      logs,
      createDemultiplexer({ stdout: (bytes) => void stdout.write(bytes), stderr: (bytes) => void stderr.write(bytes) }),
    )
    return 0
  },
}
