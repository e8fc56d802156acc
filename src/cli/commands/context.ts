import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command, CommandContext } from '../command.ts'
import { printLine } from '../terminal.ts'

/**
 * `wharf context`. It writes the files that `docker context create` would write, so that it needs no docker client
 * and the context is there when one is installed later.
 */
export const command: Command = {
  usage: '[OPTIONS] [NAME]',
  arguments: { min: 0, max: 1 },
  flags: [
    { name: 'rm', kind: 'bool', help: 'Remove the context' },
    { name: 'use', kind: 'bool', help: 'Make it the current context of the docker client' },
  ],
  examples: ['wharf context && docker --context wharf ps', 'wharf context --use', 'wharf context --rm'],
  completes: 'none',
  async run(context) {
    const { flags, args, terminal } = context
    const name = args[0] ?? 'wharf'
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name)) {
      throw new Error(
        `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
      )
    }
    if (flags.on('rm')) return removeContext(context, name)
    const file = metadataFile(context, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    writeFileSync(file, JSON.stringify(contextMetadata(name, context.transport.host)), { mode: 0o644 })
    if (flags.on('use')) setCurrent(context, name)
    printLine(terminal.stdout, name)
    const hint = flags.on('use') ? 'docker ps' : `docker --context ${name} ps`
    printLine(terminal.stderr, `Docker context "${name}" is ${context.transport.host}. Try: ${hint}`)
    return 0
  },
}

/** What docker reads of a context. @source docker context store: contexts/meta/<sha256 of the name>/meta.json */
function contextMetadata(name: string, host: string): object {
  return {
    Name: name,
    Metadata: { Description: 'Wharf container engine' },
    Endpoints: { docker: { Host: host, SkipTLSVerify: false } },
  }
}

function configDir({ env }: CommandContext): string {
  return env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')
}

function metadataFile(context: CommandContext, name: string): string {
  const id = createHash('sha256').update(name).digest('hex')
  return join(configDir(context), 'contexts', 'meta', id, 'meta.json')
}

function removeContext(context: CommandContext, name: string): number {
  rmSync(dirname(metadataFile(context, name)), { recursive: true, force: true })
  if (readConfig(context)['currentContext'] === name) setCurrent(context, undefined)
  printLine(context.terminal.stdout, name)
  return 0
}

function setCurrent(context: CommandContext, name: string | undefined): void {
  const { currentContext: _, ...others } = readConfig(context)
  const config = name === undefined ? others : { ...others, currentContext: name }
  mkdirSync(configDir(context), { recursive: true, mode: 0o700 })
  writeFileSync(join(configDir(context), 'config.json'), `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 })
}

function readConfig(context: CommandContext): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(join(configDir(context), 'config.json'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
