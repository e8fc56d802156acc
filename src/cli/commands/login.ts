import { text } from 'node:stream/consumers'
import { logIn } from '../../client/registry.ts'
import type { AuthConfig } from '../../protocol/registry.ts'
import type { Command, CommandContext } from '../command.ts'
import { ask, askSecret } from '../registry/ask.ts'
import { findCredentials, serverName, storeCredentials } from '../registry/credentials.ts'
import { printLine } from '../terminal.ts'

/** `wharf login`. */
export const command: Command = {
  usage: '[OPTIONS] [SERVER]',
  arguments: { min: 0, max: 1 },
  flags: [
    { name: 'password', short: 'p', kind: 'string', help: 'Password or Personal Access Token (PAT)' },
    { name: 'password-stdin', kind: 'bool', help: 'Take the Password or Personal Access Token (PAT) from stdin' },
    { name: 'username', short: 'u', kind: 'string', help: 'Username' },
  ],
  examples: ['wharf login -u me --password-stdin registry.test:5000 < password', 'wharf login localhost:5000'],
  async run(context) {
    const { args, env, terminal, transport } = context
    const server = serverName(args[0] ?? '')
    const who = await whoLogsIn(context, server)
    const { Status, IdentityToken } = await logIn(transport, who)
    const path = await storeCredentials({ ...who, ...(IdentityToken && { identitytoken: IdentityToken }) }, env)
    if (path !== undefined)
      printLine(terminal.stderr, `\nWARNING! Your credentials are stored unencrypted in '${path}'.`)
    printLine(terminal.stdout, Status)
    return 0
  },
}

async function whoLogsIn(context: CommandContext, serveraddress: string): Promise<AuthConfig> {
  const { flags, env, terminal } = context
  const username = flags.text('username')
  if (flags.on('password-stdin')) {
    if (flags.text('password') !== '')
      throw new Error('conflicting options: cannot specify both --password and --password-stdin')
    if (username === '') throw new Error('the --password-stdin option requires --username to be set')
    return { username, password: (await text(terminal.stdin)).replace(/[\r\n]+$/, ''), serveraddress }
  }
  if (flags.text('password') !== '')
    printLine(terminal.stderr, 'WARNING! Using --password via the CLI is insecure. Use --password-stdin.')
  else if (username === '') {
    const known = await findCredentials(serveraddress, env)
    if (known) {
      printLine(terminal.stdout, 'Authenticating with existing credentials...')
      return known
    }
  }
  if (username !== '' && flags.text('password') !== '')
    return { username, password: flags.text('password'), serveraddress }
  return await askWho(context, { username, password: flags.text('password'), serveraddress })
}

async function askWho(
  { terminal }: CommandContext,
  known: Required<Omit<AuthConfig, 'identitytoken'>>,
): Promise<AuthConfig> {
  if (!terminal.stdin.isTTY) throw new Error('Cannot perform an interactive login from a non TTY device')
  const username = known.username || (await ask(terminal, 'Username: '))
  if (username === '') throw new Error('username is required')
  const password = known.password || (await askSecret(terminal, 'Password: '))
  if (password === '') throw new Error('password is required')
  return { ...known, username, password }
}
