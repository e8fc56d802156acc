import type { Command } from '../command.ts'
import { eraseCredentials, serverName } from '../registry/credentials.ts'
import { printLine } from '../terminal.ts'

/** `wharf logout`. */
export const command: Command = {
  usage: '[SERVER]',
  arguments: { min: 0, max: 1 },
  flags: [],
  examples: ['wharf logout registry.test:5000'],
  async run({ args, env, terminal }) {
    const [address = ''] = args
    printLine(terminal.stdout, `Removing login credentials for ${address === '' ? serverName('') : address}`)
    await eraseCredentials(address, env)
    return 0
  },
}
