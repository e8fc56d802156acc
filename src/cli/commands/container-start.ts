import { parseDetachKeys } from '../../base/detach-keys.ts'
import { act, inspectContainer } from '../../client/containers.ts'
import type { Command, CommandContext } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { ExitError } from '../errors.ts'
import { detachKeysFlag } from '../flags/common-flags.ts'
import { startInForeground } from '../session/foreground.ts'

/** `wharf start`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [
    { name: 'attach', short: 'a', kind: 'bool', help: 'Attach STDOUT/STDERR and forward signals' },
    detachKeysFlag,
    { name: 'interactive', short: 'i', kind: 'bool', help: "Attach container's STDIN" },
  ],
  examples: ['wharf start web db', 'wharf start -ai shell'],
  completes: 'stopped',
  async run(context) {
    const { flags, args } = context
    if (flags.on('attach') || flags.on('interactive')) {
      if (args.length > 1) throw new ExitError(1, 'you cannot start and attach multiple containers at once')
      return await startAttached(context)
    }
    return await startAll(context)
  },
}

async function startAll(context: CommandContext): Promise<number> {
  const failed: string[] = []
  try {
    return await eachTarget(context, async (target) => {
      failed.push(target)
      await act(context.transport, target, 'start')
      failed.splice(failed.indexOf(target), 1)
      return target
    })
  } catch (error) {
    if (!(error instanceof ExitError)) throw error
    throw new ExitError(1, `${error.message}\nError: failed to start containers: ${failed.join(', ')}`)
  }
}

async function startAttached(context: CommandContext): Promise<number> {
  const { flags, args, transport } = context
  const { Id: id, Config, HostConfig } = await inspectContainer(transport, args[0] ?? '')
  const text = flags.text('detach-keys')
  const tty = Config.Tty ?? false
  return await startInForeground(context, id, {
    tty,
    streams: { stdin: flags.on('interactive') && (Config.OpenStdin ?? false), stdout: true, stderr: true },
    autoRemove: HostConfig.AutoRemove ?? false,
    forwardSignals: !tty,
    detachKeys: { text, bytes: parseDetachKeys(text) },
  })
}
