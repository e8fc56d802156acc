import { beginWait } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { ExitError } from '../errors.ts'

/** `wharf wait`. */
export const command: Command = {
  usage: 'CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [],
  examples: ['wharf wait job'],
  completes: 'container',
  run(context) {
    return eachTarget(context, async (target) => {
      const { StatusCode, Error: failure } = await (await beginWait(context.transport, target, 'not-running')).answer
      if (failure?.Message) throw new ExitError(1, failure.Message)
      return String(StatusCode)
    })
  },
}
