import { act } from '../../client/containers.ts'
import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'

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
    await act(transport, container, 'rename', { name })
    return 0
  },
}
