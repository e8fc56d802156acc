import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../base/errors.ts'
import { inputOf, startChild } from '../child.ts'
import { saysDiskFull } from '../disk-full.ts'
import { decompressor } from '../layers/compression.ts'
import { peekCompression } from './peek.ts'

/** An archive laid out in a directory. Its files are reached by path, and only those inside it. */
export interface OpenArchive {
  /** The real path of a file; `undefined` when it is not there, is no plain file, or leads out of the archive. */
  file(path: string): string | undefined
  /** The content of a small file. */
  read(path: string): Buffer | undefined
}

/** A configuration or a manifest is some kilobytes; more would only fill the memory. */
const maxDocument = 16 * 1024 * 1024

/**
 * Lays an archive out in an empty directory, taking off gzip, zstd, bzip2 or xz.
 *
 * @throws {EngineError} `invalid-argument` when it is no tar archive, `internal` when the disk is full
 */
export async function openArchive(source: Readable, directory: string, signal: AbortSignal): Promise<OpenArchive> {
  const { compression, stream } = await peekCompression(source, signal)
  await using tar = startChild(
    'tar',
    ['--extract', '--file=-', `--directory=${directory}`, '--no-same-owner', '--no-same-permissions'],
    { env: { PATH: process.env['PATH'], LC_ALL: 'C' }, signal },
  )
  tar.process.stdout.resume()
  const failure = await pipeline(stream, decompressor(compression), inputOf(tar), { signal }).then(
    () => undefined,
    (error: Error) => error,
  )
  const { status, stderr } = await tar.end
  signal.throwIfAborted()
  if (saysDiskFull(stderr)) throw new EngineError('internal', 'Cannot load image: no space left on device')
  if (failure instanceof EngineError) throw failure
  if (status !== 0 || failure !== undefined)
    throw new EngineError('invalid-argument', `Cannot load image: ${archiveFault(stderr, failure)}`, { cause: failure })
  return { file: (path) => fileInside(directory, path), read: (path) => readInside(directory, path) }
}

function archiveFault(stderr: string, failure: Error | undefined): string {
  if (/does not look like a tar archive|Skipping to next header/.test(stderr)) return 'archive/tar: invalid tar header'
  const cut = /Unexpected EOF/.test(stderr) || (failure && /unexpected end|premature close/i.test(failure.message))
  return cut ? 'unexpected EOF' : (failure?.message ?? 'the archive is damaged')
}

function readInside(directory: string, path: string): Buffer | undefined {
  const file = fileInside(directory, path)
  if (file === undefined) return undefined
  if (statSync(file).size > maxDocument)
    throw new EngineError('invalid-argument', `Cannot load image: "${path}" is larger than ${maxDocument} bytes`)
  return readFileSync(file)
}

/** Old archives link one layer to another, so links are followed, as long as they stay inside. */
function fileInside(directory: string, path: string): string | undefined {
  const asked = join(directory, path)
  if (!asked.startsWith(directory + sep) || !exists(asked)) return undefined
  const real = realpathSync(asked)
  return real.startsWith(realpathSync(directory) + sep) && lstatSync(real).isFile() ? real : undefined
}

/** False also for a link to nowhere. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false // ENOTDIR, ELOOP: the archive's own doing
  }
}
