import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCli } from '../../src/cli/main.ts'

/** What a command line printed and answered. */
export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command line in this process, without a terminal, against the daemon at `host`. */
export async function runCliWith(
  argv: readonly string[],
  options: {
    readonly host?: string
    readonly nowMs?: number
    readonly input?: string
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Promise<CliResult> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(options.input ?? '')
  const env = { DOCKER_HOST: options.host, ...options.env }
  const code = await runCli(argv, { terminal: { stdin, stdout, stderr }, env, now: () => options.nowMs ?? 0 })
  stdout.end()
  stderr.end()
  return { code, stdout: await text(stdout), stderr: await text(stderr) }
}
