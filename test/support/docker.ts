import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finished, type RunOptions, run, runOk } from './finished.ts'
import { openTerminal, type Terminal } from './terminal.ts'

const top = join(import.meta.dirname, '../..')

/** A command line client that talks to one engine. */
export interface Cli extends Disposable {
  /** The words before the verb: `['docker']`. */
  readonly program: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Runs one command to its end; the exit code is the caller's to judge. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Runs one command that must succeed; answers its stdout without the last newline. */
  ok(...args: string[]): Promise<string>
  /** Runs one command on a terminal of its own, and leaves it to the caller to talk with it. */
  terminal(args: readonly string[], size?: { readonly rows: number; readonly columns: number }): Terminal
}

/** The docker CLI of this machine (whichever is on PATH), with an empty configuration of its own. */
export function dockerCli(socket: string): Cli {
  return createCli(['docker'], socket)
}

/** The client of Debian's docker.io, 20.10, which tools/setup.sh takes out of the package. */
export const olderDocker = '/usr/local/lib/wharf/docker-cli/usr/bin/docker'

/** That client: it speaks version 1.41 of the API. */
export function olderDockerCli(socket: string): Cli {
  return createCli([olderDocker], socket)
}

/** Our own command line client. */
export function wharfCli(socket: string): Cli {
  return createCli([process.execPath, '--', join(top, 'src/main.ts')], socket)
}

function createCli(program: readonly string[], socket: string): Cli {
  const home = mkdtempSync(join(tmpdir(), 'wharf-cli-'))
  const env = {
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: home,
    DOCKER_CLI_HINTS: 'false',
    HOME: home,
    WHARF_HOST: `unix://${socket}`,
    NO_COLOR: '1',
  }
  const [command, ...first] = program
  return {
    program,
    env,
    run: (args, options) => run(command!, [...first, ...args], { ...options, env: { ...env, ...options?.env } }),
    ok: (...args) => runOk(command!, [...first, ...args], { env }),
    terminal: (args, size) => openTerminal([...program, ...args], { env, ...size }),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  }
}
