import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EngineError } from '../base/errors.ts'
import { lockFile } from '../kernel/files/file-lock.ts'
import { Poller } from '../kernel/poller.ts'
import { giveBackMemory } from '../kernel/processes/give-back-memory.ts'
import { createLineLog } from './control/line-log.ts'
import { openLineServer } from './control/line-server.ts'
import { parseRequest } from './control/parse-request.ts'
import { Resolver } from './resolver.ts'
import { createTrace } from './trace.ts'

/** Milliseconds that the way through another thread costs: so long it pays to expect the next question. */
const spinMs = 0.06

/** How a resolver is run. */
export interface ResolverOptions {
  /** Where the daemon finds it: a unix socket. Beside it lies a lock, so that there is one resolver for each path. */
  readonly socket: string
  /** Tells every question on standard error. */
  readonly trace: boolean
}

/**
 * `wharf resolver --socket PATH [--trace]`: serves until a daemon says `exit`, or SIGTERM or SIGINT comes.
 *
 * @returns the exit code: 0, or 1 when another resolver has the socket, or the words make no sense
 */
export async function runResolver(words: readonly string[]): Promise<number> {
  try {
    await serveResolver(parseWords(words))
    return 0
  } catch (error) {
    // A bug is told with its stack, by Node.
    if (!(error instanceof EngineError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

/** Serves until the resolver is told to end; then everything is closed, and names are answered no more. */
async function serveResolver({ socket, trace }: ResolverOptions): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const write = (line: string) => process.stderr.write(line)
  const ending = Promise.withResolvers<void>()
  const end = () => ending.resolve()
  stack.use(lockFile(`${socket}.lock`))
  const poller = stack.use(new Poller({ spinMs }))
  const log = createLineLog(write)
  const parts = { poller, log, onExit: () => setImmediate(end) } // its answer is to go out first
  const traced = { ...parts, trace: (sandbox: string) => createTrace(sandbox, write) }
  const resolver = stack.use(new Resolver(trace ? traced : parts))
  resolver.warmUp()
  stack.use(await openLineServer(socket, (request) => resolver.handle(parseRequest(request))))
  stack.defer(() => rmSync(socket, { force: true }))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, end)
    stack.defer(() => void process.off(signal, end))
  }
  // Containers and daemons come back to it for months: a bug costs one answer, not all of them.
  const goOn = (error: Error) => log.error('goes on after a bug', { stack: error.stack })
  process.on('uncaughtException', goOn)
  stack.defer(() => void process.off('uncaughtException', goOn))
  stack.use(giveBackMemory())
  log.info('serves', { socket, pid: process.pid })
  await ending.promise
}

function parseWords(words: readonly string[]): ResolverOptions {
  try {
    const options = { socket: { type: 'string' }, trace: { type: 'boolean', default: false } } as const
    const { socket, trace } = parseArgs({ args: [...words], options }).values
    if (socket !== undefined) return { socket, trace }
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot start resolver: ${(cause as Error).message}`, { cause })
  }
  throw new EngineError('invalid-argument', 'Cannot start resolver: --socket PATH is missing')
}
