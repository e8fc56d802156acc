import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { saysDiskFull } from '../../base/disk-full.ts'
import { EngineError } from '../../base/errors.ts'
import type { ChildEnd } from '../../kernel/processes/child.ts'

/** The blob is not what its digest says. */
export function digestMismatch(digest: string): EngineError {
  return new EngineError('internal', `filesystem layer verification failed for digest ${digest}`)
}

/** The tar inside is not what the image's configuration says. */
export function diffIdMismatch(expected: string, actual: string): EngineError {
  return new EngineError('internal', `invalid diffID for layer: expected "${expected}", got "${actual}"`)
}

/**
 * Finds the first cause among the failures of a pipeline, where one end's trouble shows at all others.
 *
 * A full disk comes first, then a blob that is not what its digest says, then what the decompressor or the tar says.
 *
 * @param source  the file, and what its digest should be
 * @param failure  of the stream, `undefined` when all of it was read
 * @param end  how tar ended, `undefined` when there was none
 */
export async function unpackFailure(
  source: { readonly path: string; readonly digest?: string },
  failure: Error | undefined,
  end: ChildEnd | undefined,
): Promise<EngineError> {
  const said = end?.stderr ?? ''
  if (saysDiskFull(said)) return registration('no space left on device', failure)
  if (source.digest !== undefined && (await fileDigest(source.path)) !== source.digest)
    return digestMismatch(source.digest)
  if (failure instanceof EngineError) return failure
  return registration(end && end.status !== 0 ? tarWords(said) : streamWords(failure), failure)
}

function registration(words: string, cause: Error | undefined): EngineError {
  return new EngineError('internal', `failed to register layer: ${words}`, { cause })
}

function streamWords(failure: Error | undefined): string {
  const code = failure && 'code' in failure ? failure.code : undefined
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(failure?.message ?? '')) return 'unexpected EOF'
  return failure?.message ?? 'unexpected EOF'
}

function tarWords(said: string): string {
  if (/does not look like a tar archive|Skipping to next header/.test(said)) return 'archive/tar: invalid tar header'
  if (/Unexpected EOF in archive/.test(said)) return 'unexpected EOF'
  const line = said.split('\n').find((text) => text.startsWith('tar: ') && !text.includes('Exiting with failure'))
  return line?.slice('tar: '.length) ?? 'tar ended early'
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}
