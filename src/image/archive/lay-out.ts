import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { saysDiskFull } from '../../base/disk-full.ts'
import { EngineError } from '../../base/errors.ts'
import { inputOf, startChild } from '../../kernel/processes/child.ts'
import { mortalCommand } from '../../kernel/processes/mortal-command.ts'
import { decompressor } from '../layers/compression.ts'
import { fillUp } from './fill-up.ts'
import { peekCompression } from './peek.ts'

/** How tar, or the stream that feeds it, ended badly. */
export interface LayOutFailure {
  readonly status: number
  readonly stderr: string
  readonly failure: Error | undefined
}

/** What is laid out, and how. */
export interface LayOutOptions {
  /** Empty. */
  readonly directory: string
  readonly tarFlags: readonly string[]
  /** `"Cannot load image"`: for errors that are not the archive's. */
  readonly cannot: string
  /** The whole sentence about an archive that is not as it should be. */
  readonly describe: (end: LayOutFailure) => string
}

/**
 * Lays an archive out in a directory, as it arrives, taking off gzip, zstd, bzip2 or xz. Memory does not grow with it.
 *
 * tar never follows a link out of the directory nor writes beside it, and has no right to make devices: an archive that
 * asks for any of it is refused. An engine that is killed takes it along.
 *
 * @throws {EngineError} `invalid-argument` when it is no tar archive, `internal` when the disk is full
 */
export async function layOut(source: Readable, options: LayOutOptions, signal: AbortSignal): Promise<void> {
  const { directory, tarFlags, cannot, describe } = options
  const { compression, stream } = await peekCompression(source, signal)
  const words = ['--bounding-set=-mknod', '--', 'tar', '--extract', '--file=-', `--directory=${directory}`, ...tarFlags]
  await using tar = startChild(...mortalCommand('setpriv', words), {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    signal,
  })
  tar.process.stdout.resume()
  const failure = await pipeline(stream, decompressor(compression), fillUp(), inputOf(tar), { signal }).then(
    () => undefined,
    (error: Error) => error,
  )
  const { status, stderr } = await tar.end
  signal.throwIfAborted()
  if (saysDiskFull(stderr)) throw new EngineError('internal', `${cannot}: no space left on device`)
  if (failure instanceof EngineError) throw failure
  if (status === 0 && failure === undefined) return
  throw new EngineError('invalid-argument', describe({ status, stderr, failure }), { cause: failure })
}

/** What is wrong with an archive, in Docker's words where it has them. */
export function archiveFault({ stderr, failure }: LayOutFailure): string {
  if (/does not look like a tar archive|Skipping to next header/.test(stderr)) return 'archive/tar: invalid tar header'
  const cut = /Unexpected EOF/.test(stderr) || (failure && /unexpected end|premature close/i.test(failure.message))
  if (cut) return 'unexpected EOF'
  const line = stderr.split('\n').find((text) => /^tar: .*(?:Cannot|contains)/.test(text))
  return line?.slice('tar: '.length) ?? failure?.message ?? 'the archive is damaged'
}
