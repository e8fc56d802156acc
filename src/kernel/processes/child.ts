import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'

/** How a process ended. */
export interface ChildEnd {
  /** Exit status; 128 and more when a signal ended it. */
  readonly status: number
  /** The last 64 KiB of what it said. */
  readonly stderr: string
}

/** A helper process. Leaving its scope kills it and waits until it is gone. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams
  /** Settles when the process has ended and its pipes are closed. @throws {EngineError} `unavailable`: not installed */
  readonly end: Promise<ChildEnd>
}

const keptStderr = 64 * 1024

/** Starts a helper process; when `signal` aborts it is killed at once. */
export function startChild(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Child {
  const child = spawn(command, args, { env: options.env ?? process.env, ...(options.cwd && { cwd: options.cwd }) })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderr)
  })
  // A process that ends early closes its input; the exit status tells why, not EPIPE.
  child.stdin.on('error', () => {})
  const kill = () => child.kill('SIGKILL')
  options.signal?.addEventListener('abort', kill, { once: true })
  if (options.signal?.aborted) kill()
  const end = once(child, 'close').then(
    ([status]: (number | null)[]) => ({ status: status ?? 128, stderr }),
    (cause: Error) => {
      throw new EngineError('unavailable', `Cannot run "${command}": ${cause.message}`, { cause })
    },
  )
  const ended = end.then(
    () => {},
    () => {},
  )
  void ended.then(() => options.signal?.removeEventListener('abort', kill))
  return {
    process: child,
    end,
    async [Symbol.asyncDispose]() {
      kill()
      child.stdout.destroy()
      await ended
    },
  }
}

/**
 * The input of a helper process, as a stream that takes everything.
 *
 * A process may have read enough before the end, as tar has after its last block: the rest is let through to nowhere,
 * so that what is upstream of it is still read to its end. A process that fails makes the stream fail.
 */
export function inputOf(child: Child): Writable {
  const { stdin } = child.process
  const input = new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk, _encoding, done) {
      if (stdin.destroyed) done()
      else stdin.write(chunk, () => done())
    },
    final(done) {
      if (stdin.destroyed) done()
      else stdin.end(() => done())
    },
    // When what is upstream fails, the process must not wait for more.
    destroy(error, done) {
      stdin.destroy()
      done(error)
    },
  })
  const fail = (why: string) => input.destroy(new Error(why))
  void child.end.then(
    ({ status }) => status !== 0 && fail(`status ${status}`),
    (error: Error) => fail(error.message),
  )
  return input
}
