import { spawn } from 'node:child_process'
import { EngineError } from '../../../base/errors.ts'
import type { NetworkNamespace } from '../../../kernel/namespace.ts'

/** Bytes; a plugin that says more has lost its mind. */
const mostOutput = 1 << 20
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** One call of one plugin. */
export interface PluginCall {
  /** Path of the program. */
  readonly program: string
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'VERSION'
  /** `CNI_*`, besides the command. */
  readonly env: Readonly<Record<string, string>>
  /** Its configuration. */
  readonly input: unknown
  /** In which it runs: the engine's host. */
  readonly namespace: NetworkNamespace
  readonly timeoutMs: number
}

/**
 * Calls a plugin, and answers what it printed.
 *
 * @throws {EngineError} `internal`, with the plugin's own words; `unavailable` when it does not end in time: it is killed
 *   then, with what it has started
 * @source CNI SPEC.md 1.1, section 2
 */
export async function runPlugin({ program, command, env, input, namespace, timeoutMs }: PluginCall): Promise<string> {
  const what = `${command} of CNI plugin ${program}`
  const child = namespace.run(() =>
    spawn(program, [], {
      env: { PATH: searchPath, ...env, CNI_COMMAND: command },
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      detached: true, // a process group of its own: plugins start other plugins
    }),
  )
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | string>()
  const killAll = (error: EngineError) => {
    reject(error)
    if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid)
  }
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
      if (output[name].length > mostOutput) killAll(new EngineError('internal', `${what}: it says too much`))
    })
  }
  child.on('error', (cause) => reject(new EngineError('internal', `Cannot call ${what}: ${cause.message}`, { cause })))
  child.on('close', (code, signal) => resolve(code ?? signal ?? 'nobody knows how'))
  child.stdin.on('error', () => {}) // it did not want to read all of it: its answer tells
  child.stdin.end(JSON.stringify(input))
  const late = new EngineError('unavailable', `${what}: no answer in ${timeoutMs / 1000} s`)
  const timer = setTimeout(() => killAll(late), timeoutMs)
  const code = await ended.finally(() => clearTimeout(timer))
  if (code === 0) return output.stdout
  throw new EngineError('internal', `${what}: ${reasonOf(output.stdout) ?? wordsOf(output.stderr, code)}`)
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it has just ended
  }
}

/** The error object of the specification. */
function reasonOf(stdout: string): string | undefined {
  try {
    const { msg, details, code } = JSON.parse(stdout)
    if (typeof msg !== 'string') return undefined
    return `${msg}${details ? `: ${details}` : ''} (code ${code})`
  } catch {
    return undefined // it printed something else
  }
}

function wordsOf(stderr: string, code: number | string): string {
  return stderr.trim().slice(0, 1000) || `it ended with ${code}`
}
