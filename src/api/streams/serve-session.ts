import { finished, type Readable, type Writable } from 'node:stream'
import type { DetachScanner } from '../../base/detach-keys.ts'
import type { Session } from '../../container/attach/session.ts'
import { frameHeader, type StreamName } from '../../wire/docker-stream.ts'

/** A client's end of a session: of a connection that was taken over, both are the same socket. */
export interface SessionClient {
  /** What the user types; missing when it cannot come. */
  readonly input?: Readable
  readonly output: Writable
}

/** How a session is carried. */
export interface SessionOptions {
  /** With a terminal everything is plain bytes, else stdout and stderr come in frames. */
  readonly terminal: boolean
  /** No frames, even without a terminal: web sockets have frames of their own. */
  readonly unframed?: boolean
  /** The end of the client's input is the end of the process's: `docker run -i`, every exec. */
  readonly closesStdin: boolean
  /** Looks for the keys that end the session; missing without a terminal. */
  readonly detach?: DetachScanner
}

/** How a session came to its end. */
export type SessionEnd = 'output over' | 'input over' | 'detached' | 'client gone'

/**
 * Carries bytes between a client and a process until one of them has enough. Whoever is slow makes the other wait.
 *
 * The client may close its sending side and go on reading. The session is disposed at the end; the client's output
 * is left open, for the caller to end.
 */
export async function serveSession(
  session: Session,
  client: SessionClient,
  options: SessionOptions,
): Promise<SessionEnd> {
  using _ = session
  const { promise: ended, resolve: end } = Promise.withResolvers<SessionEnd>()
  const { input, output } = client
  const gone = () => end('client gone')
  output.once('close', gone)

  const frame = (name: StreamName) => (options.terminal || options.unframed ? undefined : name)
  const { recycle } = session
  const pumps = [pump(session.stdout, output, { name: frame('stdout'), recycle })]
  if (session.stderr) pumps.push(pump(session.stderr, output, { name: frame('stderr'), recycle }))
  void Promise.all(pumps).then(() => end('output over'))

  if (input && session.stdin) feed(input, session.stdin, options, end)
  else input?.resume() // the process has no input: what is typed goes nowhere

  const how = await ended
  output.removeListener('close', gone)
  return how
}

/** Copies a stream into a sink that others write too. Resolves when the source is over, for whatever reason. */
function pump(
  source: Readable,
  sink: Writable,
  { name, recycle }: { readonly name: StreamName | undefined; readonly recycle: Session['recycle'] },
): Promise<void> {
  const resume = () => source.resume()
  source.on('data', (chunk: Uint8Array) => {
    const written = recycle && ((error?: Error | null) => error ?? recycle(chunk))
    let more: boolean
    if (name === undefined) {
      more = sink.write(chunk, written)
    } else {
      sink.cork() // header and contents leave in one system call, the contents uncopied
      sink.write(frameHeader(name, chunk.length))
      more = sink.write(chunk, written)
      sink.uncork()
    }
    if (!more && !sink.destroyed) {
      source.pause()
      sink.once('drain', resume)
    }
  })
  return new Promise((resolve) => {
    finished(source, { writable: false }, () => {
      sink.removeListener('drain', resume)
      resolve()
    })
  })
}

/** Copies what the user types into the process, watching for the detach keys. */
function feed(input: Readable, stdin: Writable, options: SessionOptions, end: (how: SessionEnd) => void): void {
  const { terminal, closesStdin, detach } = options
  const resume = () => input.resume()
  // The process closed its input, or ended: what is still typed goes nowhere.
  const discard = () => {
    input.removeListener('data', take)
    input.resume()
  }
  const take = (chunk: Uint8Array) => {
    const typed = detach?.feed(chunk) ?? { forward: chunk, detached: false }
    if (typed.forward.length > 0 && !stdin.destroyed && !stdin.write(typed.forward)) {
      input.pause()
      stdin.once('drain', resume)
    }
    if (typed.detached) end('detached')
  }
  stdin.on('error', discard)
  stdin.once('close', discard)
  input.on('data', take)
  input.once('end', () => {
    if (closesStdin && !terminal) stdin.end()
    else end('input over')
  })
}
