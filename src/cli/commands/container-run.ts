import { parseDetachKeys } from '../../base/detach-keys.ts'
import { act } from '../../client/containers.ts'
import type { Command, CommandContext } from '../command.ts'
import { attachedStreams } from '../container-options/body.ts'
import { containerFlags } from '../container-options/flags.ts'
import { createFromFlags } from '../create-container.ts'
import { ExitError } from '../errors.ts'
import { detachKeysFlag } from '../flags/common-flags.ts'
import { type ForegroundOptions, startInForeground } from '../session/foreground.ts'
import { runFailure } from '../session/run-failure.ts'
import { printLine } from '../terminal.ts'

/** `wharf run`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  arguments: { min: 1 },
  flags: [
    ...containerFlags,
    { name: 'detach', short: 'd', kind: 'bool', help: 'Run container in background and print container ID' },
    detachKeysFlag,
    { name: 'sig-proxy', kind: 'bool', default: 'true', help: 'Proxy received signals to the process' },
  ],
  passThrough: true,
  examples: [
    'wharf run -it --rm busybox sh',
    'wharf run -d --name web -p 8080:80 --network my_net2 busybox httpd -f -p 80',
    'wharf run -d --name mysql01 --network name=my_net2,alias=db,ip=172.22.0.9 busybox sleep 1d',
  ],
  completes: 'image',
  async run(context) {
    const { flags, terminal } = context
    if (flags.on('detach') && flags.list('attach').length > 0) {
      throw new ExitError(1, 'conflicting options: cannot specify both --attach and --detach')
    }
    const foreground = flags.on('detach') ? undefined : foregroundOptions(context)
    try {
      const { id } = await createFromFlags(context)
      if (foreground !== undefined) return await startInForeground(context, id, foreground)
      await act(context.transport, id, 'start')
      printLine(terminal.stdout, id)
      return 0
    } catch (error) {
      throw runFailure('run', error)
    }
  },
}

function foregroundOptions({ flags, terminal }: CommandContext): ForegroundOptions {
  const attached = attachedStreams(flags)
  const tty = flags.on('tty')
  if (tty && attached.has('stdin') && !terminal.stdin.isTTY) throw new ExitError(1, 'the input device is not a TTY')
  const text = flags.text('detach-keys')
  return {
    tty,
    streams: { stdin: attached.has('stdin'), stdout: attached.has('stdout'), stderr: attached.has('stderr') },
    autoRemove: flags.on('rm'),
    forwardSignals: flags.on('sig-proxy'),
    detachKeys: { text, bytes: parseDetachKeys(text) },
  }
}
