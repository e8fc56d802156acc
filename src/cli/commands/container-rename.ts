import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'
import { describeFailure } from '../failures.ts'

/** `wharf rename`. */
export const command: Command = {
  usage: 'CONTAINER NEW_NAME',
  arguments: { min: 2, max: 2 },
  flags: [],
  examples: ['wharf rename web shop'],
  completes: 'container',
  async run({ args, transport }) {
    const [container = '', name = ''] = args.map((arg) => arg.trim())
    if (container === '' || name === '') throw new ExitError(1, 'Error: Neither old nor new names may be empty')
    try {
      await act(transport, container, 'rename', { name })
      return 0
    } catch (error) {
      throw new ExitError(1, `${describeFailure(error)}\nError: failed to rename container named ${container}`)
    }
  },
}
