import type { Duplex } from 'node:stream'
import { createDemultiplexer } from '../../client/demultiplexer.ts'
import { openRawMode, type Terminal } from '../terminal.ts'
import { createDetachFilter } from './detach-filter.ts'

/** How a container's streams meet the user's. */
export interface CarryOptions {
  /** The container has a terminal: one stream of plain bytes. Otherwise stdout and stderr come apart, in frames. */
  readonly tty: boolean
  /** Hand on what the user types. */
  readonly stdin: boolean
  /** Which outputs to show; both when missing. */
  readonly stdout?: boolean
  readonly stderr?: boolean
  /** With `tty`: the keys that let go. */
  readonly detachKeys: Uint8Array
}

/**
 * Carries a container's streams to and from the user's until the container's end, or until the user lets go.
 *
 * The end of the user's stdin is handed on, and does not end the rest. The terminal is as before when this returns.
 */
export async function carryStreams(
  stream: Duplex,
  terminal: Terminal,
  options: CarryOptions,
): Promise<'ended' | 'detached'> {
  const { promise: detached, resolve: detach } = Promise.withResolvers<'detached'>()
  using _raw = options.tty && options.stdin ? openRawMode(terminal) : undefined
  using _input = options.stdin ? feed(stream, terminal, options, () => detach('detached')) : undefined
  if (!options.stdin) stream.end()
  try {
    return await Promise.race([show(stream, terminal, options), detached])
  } finally {
    // What still comes after the user let go is for nobody.
    stream.removeAllListeners('data').unpipe().destroy()
  }
}

function feed(
  stream: Duplex,
  { stdin }: Terminal,
  { tty, detachKeys }: CarryOptions,
  detached: () => void,
): Disposable {
  const source = tty ? stdin.pipe(createDetachFilter(detachKeys, detached)) : stdin
  source.pipe(stream)
  return {
    [Symbol.dispose]() {
      source.unpipe(stream)
      if (source !== stdin) stdin.unpipe(source as NodeJS.WritableStream)
      // A paused stdin keeps the process alive no longer.
      stdin.pause()
      stdin.unref?.()
    },
  }
}

function show(
  stream: Duplex,
  terminal: Terminal,
  { tty, stdout = true, stderr = true }: CarryOptions,
): Promise<'ended'> {
  const { promise, resolve, reject } = Promise.withResolvers<'ended'>()
  // A container may be over before we look.
  if (stream.errored) reject(stream.errored)
  else if (stream.readableEnded || stream.destroyed) resolve('ended')
  const out = (bytes: Uint8Array): void => void (stdout && terminal.stdout.write(bytes))
  const err = (bytes: Uint8Array): void => void (stderr && terminal.stderr.write(bytes))
  if (tty) stream.on('data', out)
  else stream.pipe(createDemultiplexer({ stdout: out, stderr: err })).on('error', reject)
  stream.once('end', () => resolve('ended'))
  stream.once('close', () => resolve('ended'))
  // The container may end while the user still types: then there is nobody to take it, and that is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)))
  return promise
}
