import { act, attachContainer, beginWait, resizeContainer } from '../../client/containers.ts'
import type { HijackedConnection } from '../../client/transport.ts'
import type { CommandContext } from '../command.ts'
import { ExitError } from '../errors.ts'
import { carryStreams } from './carry-streams.ts'
import { forwardSignals } from './forward-signals.ts'
import { watchSize } from './watch-size.ts'

/** How a container runs in the foreground. */
export interface ForegroundOptions {
  readonly tty: boolean
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean }
  /** The container goes away when it ends: its exit code is kept until then. */
  readonly autoRemove: boolean
  readonly forwardSignals: boolean
  /** As the user wrote them, and as bytes. */
  readonly detachKeys: { readonly text: string; readonly bytes: Uint8Array }
}

/**
 * Attaches to a container, starts it, carries its streams until it ends or the user lets go, and answers its exit
 * code; 0 when the user let go. Nothing that it prints is missed, and no exit either: both are watched before it starts.
 */
export async function startInForeground(
  context: CommandContext,
  id: string,
  options: ForegroundOptions,
): Promise<number> {
  const { transport, terminal } = context
  const { tty, streams } = options
  if (tty && streams.stdin && !terminal.stdin.isTTY) throw new ExitError(1, 'the input device is not a TTY')
  using _signals = options.forwardSignals
    ? forwardSignals((signal) => act(transport, id, 'kill', { signal }))
    : undefined
  const attached = await attachContainer(transport, id, { ...streams, detachKeys: options.detachKeys.text })
  using abort = abortOnDispose()
  const condition = options.autoRemove ? 'removed' : 'next-exit'
  const wait = await beginWait(transport, id, condition, abort.signal)
  await startOrLetGo(context, id, attached)
  using _size = tty ? watchSize(terminal, (now) => resizeContainer(transport, id, now)) : undefined
  const carried = { tty, detachKeys: options.detachKeys.bytes, ...streams }
  if ((await carryStreams(attached.stream, terminal, carried)) === 'detached') return 0
  const { StatusCode: code, Error: failure } = await wait.answer
  if (failure?.Message) throw new ExitError(125, failure.Message)
  return code
}

async function startOrLetGo({ transport }: CommandContext, id: string, attached: HijackedConnection): Promise<void> {
  try {
    await act(transport, id, 'start')
  } catch (error) {
    attached.stream.destroy()
    throw error
  }
}

function abortOnDispose(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}
