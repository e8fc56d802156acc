import { defaultHost } from '../client/host.ts'
import { clientTls } from '../client/tls.ts'
import { Transport } from '../client/transport.ts'
import { checkCount } from './check-count.ts'
import type { Command } from './command.ts'
import { ExitError, UsageError } from './errors.ts'
import { describeFailure } from './failures.ts'
import { type Found, findCommand } from './find-command.ts'
import type { Flags } from './flags/flags.ts'
import { globalFlags } from './flags/global-flags.ts'
import { parseWords } from './flags/parse-words.ts'
import { ownVersion } from './own-version.ts'
import { printLine, type Terminal } from './terminal.ts'

/** What surrounds a command line: a test gives its own. */
export interface Surroundings {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
}

/**
 * Does one command line and answers the exit code. Failures are printed, never thrown.
 *
 * @param argv  the words after the program's name: `["ps", "-a"]`
 */
export async function runCli(argv: readonly string[], surroundings: Surroundings = ownSurroundings()): Promise<number> {
  const { terminal } = surroundings
  // `wharf ps | head -1` closes our stdout early: that is how it is meant, not a failure.
  terminal.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  let debug = false
  try {
    if (argv[0] === '__complete') return await printCompletions(argv.slice(1), surroundings)
    const globals = parseWords({ flags: globalFlags, passThrough: true }, argv)
    debug = globals.help ? false : globals.flags.on('debug')
    if (!globals.help && globals.flags.on('version')) return await printVersion(terminal)
    if (globals.help || globals.args.length === 0) return await printMainHelp(terminal)
    const connect = () => connectTransport(globals.flags, surroundings.env)
    return await runFound(findCommand(globals.args), connect, surroundings)
  } catch (error) {
    return printFailure(error, debug, terminal)
  }
}

async function runFound(found: Found, connect: () => Transport, surroundings: Surroundings): Promise<number> {
  if (found.kind === 'unknown') {
    const full = found.group === undefined ? found.name : `${found.group} ${found.name}`
    const usage = found.group === undefined ? '' : `Usage:  wharf ${found.group}\n\n`
    const help = `Run 'wharf ${found.group === undefined ? '' : `${found.group} `}--help' for more information`
    throw new ExitError(1, `wharf: unknown command: wharf ${full}\n\n${usage}${help}`)
  }
  if (found.kind === 'group') {
    const { renderGroupHelp } = await import('./help.ts')
    if (parseWords({ flags: [] }, found.rest).help || found.rest.length === 0) {
      printLine(surroundings.terminal.stdout, renderGroupHelp(found.name))
    }
    return 0
  }
  const { command } = await found.entry.load()
  try {
    return await runCommand(found, command, connect, surroundings)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const { renderUsageHint } = await import('./help.ts')
    const hint = renderUsageHint(found.name, command.usage, error.hint)
    throw new ExitError(error.exitCode, `${error.prefix}${error.message}\n\n${hint}`)
  }
}

async function runCommand(
  found: Found & { readonly kind: 'command' },
  command: Command,
  connect: () => Transport,
  { terminal, env, now }: Surroundings,
): Promise<number> {
  const { flags, args, help } = parseWords(command, found.rest)
  if (help) {
    const { renderCommandHelp } = await import('./help.ts')
    printLine(terminal.stdout, renderCommandHelp(found.entry, found.name, command, terminal.stdout.columns ?? 80))
    return 0
  }
  checkCount(found.name, command.arguments, args.length)
  return await command.run({ flags, args, terminal, env, now, transport: connect() })
}

function connectTransport(flags: Flags, env: Surroundings['env']): Transport {
  const host = hostOf(flags.list('host').at(-1), env)
  if (host.startsWith('unix://')) return new Transport(host)
  const tls = { tls: flags.on('tls'), verify: flags.on('tlsverify') }
  const [caFile, certFile, keyFile] = ['tlscacert', 'tlscert', 'tlskey'].map((name) => flags.text(name))
  return new Transport(host, clientTls({ ...tls, caFile: caFile!, certFile: certFile!, keyFile: keyFile! }, env))
}

function hostOf(flag: string | undefined, env: Surroundings['env']): string {
  return flag ?? (env['WHARF_HOST'] || env['DOCKER_HOST'] || defaultHost)
}

// What the shells' completion scripts call.
async function printCompletions(words: readonly string[], { env, terminal }: Surroundings): Promise<number> {
  const { complete } = await import('./completion.ts')
  for (const candidate of await complete(words, hostOf(undefined, env))) printLine(terminal.stdout, candidate)
  return 0
}

async function printMainHelp({ stdout }: Terminal): Promise<number> {
  const { renderMainHelp } = await import('./help.ts')
  printLine(stdout, renderMainHelp(stdout.columns ?? 80))
  return 0
}

async function printVersion({ stdout }: Terminal): Promise<number> {
  printLine(stdout, `Wharf version ${ownVersion()}`)
  return 0
}

function ownSurroundings(): Surroundings {
  return { terminal: process, env: process.env, now: Date.now }
}

function printFailure(error: unknown, debug: boolean, { stderr }: Terminal): number {
  if (error instanceof ExitError) {
    if (error.message !== '') printLine(stderr, error.message)
    return error.exitCode
  }
  if (error instanceof UsageError) {
    printLine(stderr, `${error.message}\n\nUsage:  wharf [OPTIONS] COMMAND\n\nRun 'wharf --help' for more information`)
    return error.exitCode
  }
  printLine(stderr, debug && error instanceof Error ? (error.stack ?? error.message) : describeFailure(error))
  return 1
}
