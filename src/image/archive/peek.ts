import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type Compression, detectCompression, magicBytes } from '../layers/compression.ts'

/**
 * Looks at the first bytes of a stream to tell its compression, and answers a stream that still has them.
 *
 * @throws what the stream failed with; what `signal` aborted with, also while nothing comes
 */
export async function peekCompression(
  source: Readable,
  signal: AbortSignal,
): Promise<{ readonly compression: Compression; readonly stream: Readable }> {
  let head = Buffer.of()
  while (head.length < magicBytes) {
    signal.throwIfAborted()
    if (source.errored) throw source.errored
    const piece: Buffer | string | null = source.read()
    if (piece !== null) head = Buffer.concat([head, Buffer.from(piece)])
    else if (source.readableEnded || source.destroyed)
      // Nothing can be put back after the end.
      return { compression: detectCompression(head), stream: Readable.from([head], { objectMode: false }) }
    else await next(source, signal)
  }
  source.unshift(head)
  return { compression: detectCompression(head), stream: source }
}

/** Waits until the stream has something to say: bytes, its end, or why it stopped. */
async function next(source: Readable, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const options = { signal: AbortSignal.any([signal, done.signal]) }
  try {
    await Promise.race(['readable', 'end', 'close'].map((event) => once(source, event, options)))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    done.abort()
  }
}
