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
    const server = serverName(address)
    const name = address === '' ? server : address
    const words = (await eraseCredentials(address, env))
      ? `Removing login credentials for ${name}`
      : `Not logged in to ${name}`
    printLine(terminal.stdout, words)
    return 0
  },
}
