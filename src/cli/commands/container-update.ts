import { updateContainer } from '../../client/containers.ts'
import type { ContainerUpdateBody } from '../../protocol/container-update.ts'
import type { Command } from '../command.ts'
import { parseRestartPolicy } from '../container-options/host-options.ts'
import { changeableLimitFlags } from '../container-options/limit-flags.ts'
import { planChangeableLimits } from '../container-options/limits.ts'
import { eachTarget } from '../each-target.ts'
import { ExitError } from '../errors.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import { printLine } from '../terminal.ts'

const flags: readonly FlagSpec[] = [
  ...changeableLimitFlags,
  { name: 'restart', kind: 'string', help: 'Restart policy to apply when a container exits' },
]

/** `wharf update`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags,
  examples: ['wharf update --memory 512m --memory-swap 1g web', 'wharf update --restart always web db'],
  completes: 'container',
  async run(context) {
    const { transport, terminal } = context
    if (!flags.some(({ name }) => context.flags.given(name))) {
      throw new ExitError(1, 'you must provide one or more flags when using this command')
    }
    const body: ContainerUpdateBody = {
      ...planChangeableLimits(context.flags),
      ...(context.flags.given('restart') ? { RestartPolicy: parseRestartPolicy(context.flags.text('restart')) } : {}),
    }
    const warnings: string[] = []
    try {
      return await eachTarget(context, async (target) => {
        const answer = await updateContainer(transport, target, body)
        warnings.push(...(answer.Warnings ?? []))
        return target
      })
    } finally {
      for (const warning of warnings) printLine(terminal.stdout, warning)
    }
  },
}
