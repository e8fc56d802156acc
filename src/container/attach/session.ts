import type { Readable, Writable } from 'node:stream'

/** A live connection to a process's standard streams: `attach`, or an exec. */
export interface Session extends Disposable {
  /** Ends when the process closed it. With a terminal, everything comes here. */
  readonly stdout: Readable
  /** Missing with a terminal. */
  readonly stderr?: Readable
  /** Missing when the process has no standard input. `end()` closes the process's stdin. */
  readonly stdin?: Writable
  /** Takes back a piece of the output that nobody looks at any more, to read into it again. */
  recycle?(piece: Uint8Array): void
  /** Settles when the process's output is over or the session was disposed. */
  readonly closed: Promise<void>
}

/** Which streams a client wants. */
export interface SessionStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

/** Characters on a terminal. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}
