import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { archiveFault, type LayOutFailure, layOut } from './lay-out.ts'

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
  const tarFlags = ['--no-same-owner', '--no-same-permissions']
  const cannot = 'Cannot load image'
  const describe = (end: LayOutFailure) => `${cannot}: ${archiveFault(end)}`
  await layOut(source, { directory, tarFlags, cannot, describe }, signal)
  return { file: (path) => fileInside(directory, path), read: (path) => readInside(directory, path) }
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
