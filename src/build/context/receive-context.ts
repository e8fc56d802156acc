import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../base/errors.ts'
import { peekCompression } from '../../image/archive/peek.ts'
import { inputOf, startChild } from '../../image/child.ts'
import { saysDiskFull } from '../../image/disk-full.ts'
import { decompressor } from '../../image/layers/compression.ts'

/**
 * Lays a build's context out in an empty directory, as it arrives. Memory does not grow with it.
 *
 * tar never follows a link out of the directory nor writes beside it, and has no right to make devices: an archive that
 * asks for any of it is refused.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words; `internal` when the disk is full
 */
export async function receiveContext(source: Readable, directory: string, signal: AbortSignal): Promise<void> {
  const { compression, stream } = await peekCompression(source, signal)
  await using tar = startChild('setpriv', [...withoutDevices, 'tar', ...tarFlags, `--directory=${directory}`], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    signal,
  })
  tar.process.stdout.resume()
  const failure = await pipeline(stream, decompressor(compression), inputOf(tar), { signal }).then(
    () => undefined,
    (error: Error) => error,
  )
  const { status, stderr } = await tar.end
  signal.throwIfAborted()
  if (saysDiskFull(stderr)) throw new EngineError('internal', 'Cannot build: no space left on device')
  if (failure instanceof EngineError) throw failure
  if (status !== 0 || failure !== undefined) {
    const why = `Error processing tar file(${status === 0 ? 'bad archive' : `exit status ${status}`}): ${fault(stderr, failure)}`
    throw new EngineError('invalid-argument', why, { cause: failure })
  }
}

/** An engine that is killed takes it along. */
const withoutDevices = ['--pdeathsig=KILL', '--bounding-set=-mknod', '--']

const tarFlags = [
  '--extract',
  '--file=-',
  '--no-same-owner',
  '--preserve-permissions',
  '--delay-directory-restore',
  '--warning=no-timestamp',
  '--warning=no-unknown-keyword',
]

function fault(stderr: string, failure: Error | undefined): string {
  if (/does not look like a tar archive|Skipping to next header/.test(stderr)) return 'archive/tar: invalid tar header'
  const cut = /Unexpected EOF/.test(stderr) || (failure && /unexpected end|premature close/i.test(failure.message))
  if (cut) return 'unexpected EOF'
  const line = stderr.split('\n').find((text) => /^tar: .*(?:Cannot|contains)/.test(text))
  return line?.slice('tar: '.length) ?? failure?.message ?? 'the archive is damaged'
}
