import { PassThrough, pipeline } from 'node:stream'
import type { Session, SessionStreams } from './session.ts'

/** A session that a client opens before its container runs: `docker run` attaches first, then starts. */
export interface DeferredSession extends Session {
  readonly streams: SessionStreams
  /** Joins the live session's streams to the ones that the client already holds. */
  connect(live: Session): void
  /** Nothing will ever come: the client reads the end of both streams. */
  end(): void
}

/** A session whose streams wait for the container. @param terminal a terminal has no stderr of its own */
export function createDeferredSession(streams: SessionStreams, terminal: boolean): DeferredSession {
  const stdout = new PassThrough()
  const stderr = terminal ? undefined : new PassThrough()
  const stdin = streams.stdin ? new PassThrough() : undefined
  const closed = Promise.withResolvers<void>()
  let live: Session | undefined

  const dispose = () => {
    live?.[Symbol.dispose]()
    for (const stream of [stdout, stderr, stdin]) stream?.destroy()
    closed.resolve()
  }
  // A client that goes away tears its side down: the other side needs no word about it.
  const join = (from: NodeJS.ReadableStream, to: NodeJS.WritableStream) => pipeline(from, to, () => {})

  return {
    streams,
    stdout,
    ...(stderr ? { stderr } : {}),
    ...(stdin ? { stdin } : {}),
    closed: closed.promise,
    connect(session) {
      live = session
      join(session.stdout, stdout)
      if (stderr) {
        if (session.stderr) join(session.stderr, stderr)
        else stderr.end()
      }
      if (stdin && session.stdin) join(stdin, session.stdin)
      void session.closed.then(closed.resolve)
    },
    end() {
      stdout.end()
      stderr?.end()
      closed.resolve()
    },
    [Symbol.dispose]: dispose,
  }
}
