import { rotateKey } from '../../client/overlay.ts'
import type { Command } from '../command.ts'
import { printLine } from '../terminal.ts'

/** `wharf overlay rotate-key`. */
export const command: Command = {
  usage: 'NETWORK',
  arguments: { min: 1, max: 1 },
  flags: [],
  examples: ['wharf overlay rotate-key backend'],
  async run({ args, terminal, transport }) {
    const { WaitsFor } = await rotateKey(transport, args[0]!)
    const rest = WaitsFor.length === 0 ? '' : `; it is complete when it has got to ${WaitsFor.join(', ')}`
    printLine(terminal.stdout, `the key of ${args[0]} changes${rest}`)
    return 0
  },
}
