import { parseDetachKeys } from '../../base/detach-keys.ts'
import { act, attachContainer, beginWait, inspectContainer, resizeContainer } from '../../client/containers.ts'
import type { ContainerInspect } from '../../protocol/container-inspect.ts'
import type { Command, CommandContext } from '../command.ts'
import { ExitError } from '../errors.ts'
import { detachKeysFlag } from '../flags/common-flags.ts'
import { carryStreams } from '../session/carry-streams.ts'
import { forwardSignals } from '../session/forward-signals.ts'
import { watchSize } from '../session/watch-size.ts'
import { terminalSize } from '../terminal.ts'

/** `wharf attach`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER',
  arguments: { min: 1, max: 1 },
  flags: [
    detachKeysFlag,
    { name: 'no-stdin', kind: 'bool', help: 'Do not attach STDIN' },
    { name: 'sig-proxy', kind: 'bool', default: 'true', help: 'Proxy all received signals to the process' },
  ],
  examples: ['wharf attach shell', 'wharf attach --no-stdin web'],
  completes: 'running',
  async run(context) {
    const { flags, args, terminal, transport } = context
    const { Id: id, Config, State } = await inspectContainer(transport, args[0] ?? '')
    checkState(State)
    const tty = Config.Tty ?? false
    const stdin = !flags.on('no-stdin') && (Config.OpenStdin ?? false)
    if (tty && stdin && !terminal.stdin.isTTY) throw new ExitError(1, 'the input device is not a TTY')
    const detachKeys = parseDetachKeys(flags.text('detach-keys'))
    using abort = new DisposableStack()
    const controller = abort.adopt(new AbortController(), (each) => each.abort())
    const wait = await beginWait(transport, id, 'not-running', controller.signal)
    if (flags.on('sig-proxy') && !tty) abort.use(forwardSignals((signal) => act(transport, id, 'kill', { signal })))
    const query = { stdin, stdout: true, stderr: true, detachKeys: flags.text('detach-keys') }
    const { stream } = await attachContainer(transport, id, query)
    if (tty) {
      await nudge(context, id)
      abort.use(watchSize(terminal, (size) => resizeContainer(transport, id, size)))
    }
    if ((await carryStreams(stream, terminal, { tty, stdin, detachKeys })) === 'detached') {
      throw new ExitError(1, 'read escape sequence')
    }
    const { StatusCode, Error: failure } = await wait.answer
    if (failure?.Message) throw new ExitError(1, failure.Message)
    return StatusCode
  },
}

// A size that is not the terminal's, then the right one: what runs draws its screen again, and the user sees it.
async function nudge({ terminal, transport }: CommandContext, id: string): Promise<void> {
  const size = terminalSize(terminal)
  if (size !== undefined) await resizeContainer(transport, id, { rows: size.rows + 1, columns: size.columns + 1 })
}

function checkState({ Running, Paused, Restarting }: ContainerInspect['State']): void {
  if (!Running) throw new ExitError(1, 'You cannot attach to a stopped container, start it first')
  if (Paused) throw new ExitError(1, 'You cannot attach to a paused container, unpause it first')
  if (Restarting) throw new ExitError(1, 'You cannot attach to a restarting container, wait until it is running')
}
