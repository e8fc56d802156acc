import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import type { ResolverAnswers } from '../../resolver/protocol.ts'
import { ConnectionLost, ResolverConnection } from './resolver-connection.ts'

/** How long is tried to start one; how long one that runs may take to begin; how often is looked. Milliseconds. */
const patience = 10_000
const beginning = 60_000
const pause = 10

/** Where the resolver is, and how it is started when it is not. */
export interface ResolverPlace {
  readonly socketPath: string
  /** Program and words, without `--socket`: `["/usr/bin/node", "main.ts", "resolver"]`. */
  readonly command: readonly string[]
  /** The namespace that the resolver is to be in: its ports are the host's. */
  readonly hostNamespace: NetworkNamespace
}

/** A resolver that has answered, and who it says that it is. */
export interface ReachedResolver {
  readonly connection: ResolverConnection
  readonly hello: ResolverAnswers['hello']
}

/**
 * Reaches the resolver; starts one, which outlives us, when nobody answers.
 *
 * @throws {EngineError} `unavailable` when none could be started, with the file that says why
 */
export async function reachResolver(place: ResolverPlace, signal: AbortSignal): Promise<ReachedResolver> {
  const from = performance.now()
  let isStarting = false
  for (;;) {
    signal.throwIfAborted()
    const reached = await greet(place.socketPath)
    if (reached !== undefined) return reached
    if (performance.now() - from > (isStarting ? beginning : patience)) {
      throw new EngineError('unavailable', `Cannot start the resolver: see ${logPath(place)}`)
    }
    if (!isStarting) {
      isStarting = true
      // One that ends at once lost the socket to another, or waits for an older one to go: the next look decides.
      void start(place).then(() => {
        isStarting = false
      })
    }
    await delay(pause)
  }
}

/** Undefined when nobody answers: to connect is not enough, for the socket of one that was killed lives a moment longer. */
async function greet(socketPath: string): Promise<ReachedResolver | undefined> {
  try {
    const connection = await ResolverConnection.dial(socketPath)
    const hello = (await connection.request({ do: 'hello' })) as ResolverAnswers['hello']
    return { connection, hello }
  } catch (error) {
    if (error instanceof ConnectionLost || isNobody(error as NodeJS.ErrnoException)) return undefined
    throw error
  }
}

/** `ECONNRESET`: it ended before it took a connection that waited for it. */
function isNobody({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET'
}

/** Starts a resolver that belongs to nobody; fulfilled when it ends. */
function start(place: ResolverPlace): Promise<void> {
  const [program = '', ...words] = place.command
  const log = openSync(logPath(place), 'a', 0o600)
  try {
    const child = place.hostNamespace.run(() =>
      // Forked by this very thread, and so born in the namespace that it is in now.
      spawn(program, [...words, '--socket', place.socketPath], {
        detached: true,
        cwd: '/',
        stdio: ['ignore', 'ignore', log],
      }),
    )
    child.unref()
    return new Promise((resolve) => {
      child.once('exit', () => setTimeout(resolve, pause * 5).unref())
      child.once('error', () => resolve())
    })
  } finally {
    closeSync(log)
  }
}

function logPath({ socketPath }: ResolverPlace): string {
  return `${socketPath}.log`
}
