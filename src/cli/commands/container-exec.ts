import { parseDetachKeys } from '../../base/detach-keys.ts'
import { createExec, inspectExec, resizeExec, startExec, startExecDetached } from '../../client/execs.ts'
import type { ExecCreateBody } from '../../protocol/exec.ts'
import type { Command, CommandContext } from '../command.ts'
import { checkEnv } from '../container-options/checks.ts'
import { parseEnvironment } from '../container-options/environment.ts'
import { ExitError } from '../errors.ts'
import { detachKeysFlag } from '../flags/common-flags.ts'
import { carryStreams } from '../session/carry-streams.ts'
import { watchSize } from '../session/watch-size.ts'
import { terminalSize } from '../terminal.ts'

/** `wharf exec`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  arguments: { min: 2 },
  flags: [
    { name: 'detach', short: 'd', kind: 'bool', help: 'Detached mode: run command in the background' },
    detachKeysFlag,
    { name: 'env', short: 'e', kind: 'list', check: checkEnv, help: 'Set environment variables' },
    { name: 'env-file', kind: 'list', help: 'Read in a file of environment variables' },
    { name: 'interactive', short: 'i', kind: 'bool', help: 'Keep STDIN open even if not attached' },
    { name: 'privileged', kind: 'bool', help: 'Give extended privileges to the command' },
    { name: 'tty', short: 't', kind: 'bool', help: 'Allocate a pseudo-TTY' },
    { name: 'user', short: 'u', kind: 'string', help: 'Username or UID (format: "<name|uid>[:<group|gid>]")' },
    { name: 'workdir', short: 'w', kind: 'string', help: 'Working directory inside the container' },
  ],
  passThrough: true,
  examples: [
    'wharf exec -it mysql01 sh',
    'wharf exec -u nobody -w /tmp web ls -l',
    'wharf exec -d web touch /tmp/seen',
  ],
  completes: 'running',
  async run(context) {
    const { flags, args, transport, terminal } = context
    const tty = flags.on('tty')
    if (!flags.on('detach') && tty && flags.on('interactive') && !terminal.stdin.isTTY) {
      throw new ExitError(1, 'the input device is not a TTY')
    }
    const detachKeys = parseDetachKeys(flags.text('detach-keys'))
    const id = await createExec(transport, args[0] ?? '', execBody(context))
    if (flags.on('detach')) {
      await startExecDetached(transport, id, tty)
      return 0
    }
    const { stream } = await startExec(transport, id, tty, consoleSize(context))
    using _size = tty ? watchSize(terminal, (now) => resizeExec(transport, id, now)) : undefined
    const ended = await carryStreams(stream, terminal, { tty, stdin: flags.on('interactive'), detachKeys })
    if (ended === 'detached') throw new ExitError(1, 'read escape sequence')
    return (await inspectExec(transport, id)).ExitCode ?? 0
  },
}

function execBody(context: CommandContext): ExecCreateBody {
  const { flags, args, env } = context
  const attached = !flags.on('detach')
  const size = consoleSize(context)
  return {
    AttachStdin: attached && flags.on('interactive'),
    AttachStdout: attached,
    AttachStderr: attached,
    Tty: flags.on('tty'),
    Cmd: args.slice(1),
    Env: parseEnvironment(flags.list('env-file'), flags.list('env'), env),
    User: flags.text('user'),
    WorkingDir: flags.text('workdir'),
    Privileged: flags.on('privileged'),
    DetachKeys: flags.text('detach-keys'),
    ...(size === undefined ? {} : { ConsoleSize: size }),
  }
}

function consoleSize({ flags, terminal }: CommandContext): readonly [number, number] | undefined {
  const size = flags.on('tty') ? terminalSize(terminal) : undefined
  return size && [size.rows, size.columns]
}
