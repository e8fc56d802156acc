import { spawn } from 'node:child_process'

/** How a program ended, and what it said. */
export interface Finished {
  /** Exit code; 128 + n after signal n, as a shell counts. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How to run a program. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Written to its stdin, which is then closed. */
  readonly input?: string | Uint8Array
  /** Milliseconds before it is killed; the answer then has code 137. */
  readonly timeoutMs?: number
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 }

/** Runs a program to its end. It never throws for an exit code: that is the caller's to judge. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>()
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => undefined) // it may end without reading what we have for it
  child.stdin.end(options.input)
  child.on('error', reject)
  child.on('close', (code, signal) =>
    resolve({
      code: code ?? 128 + (signalNumbers[signal ?? ''] ?? 0),
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    }),
  )
  return promise
}

/** Like `run`, but a failure is thrown, with what the program said. Answers its stdout without the last newline. */
export async function runOk(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`)
  return stdout.replace(/\n$/, '')
}
