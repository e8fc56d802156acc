import { readlinkSync, readSync } from 'node:fs'
import { EngineError } from '../../../base/errors.ts'
import type { RootedFiles } from '../../../kernel/files/rooted-files.ts'
import { TarParser } from '../../../wire/tar/tar-parser.ts'
import { readAccounts } from '../../bundle/accounts.ts'
import { resolveUser } from '../../bundle/user.ts'
import type { FileJob, UnpackOptions } from '../job.ts'
import { directoryFlags } from './ensure-directory.ts'
import { shownPath } from './entry-place.ts'
import { failedCall, isCode } from './file-failure.ts'
import { askPath } from './stat-path.ts'
import { TreeWriter } from './tree-writer.ts'

const readBytes = 256 * 1024

/**
 * Unpacks an archive, plain tar, into a directory of a container.
 *
 * What was whole before a failure stays, as with Docker; a file that is cut does not.
 *
 * @throws {EngineError} `not-found`; `invalid-argument` for what is no directory, or for the archive; `forbidden` where
 *   nothing may be written
 */
export function unpackArchive(root: RootedFiles, job: Extract<FileJob, { kind: 'unpack' }>): void {
  const { options } = job
  const destination = findDestination(root, job.path)
  checkWritable(destination, options)
  const owner = options.owner === undefined ? undefined : resolveUser(options.owner, readAccounts(root))
  using writer = new TreeWriter({ root, destination, owner, keepsKinds: options.noOverwriteDirNonDir })
  const parser = new TarParser(writer)
  const buffer = Buffer.alloc(readBytes)
  for (;;) {
    const read = readSync(job.inputFd, buffer, 0, readBytes, null)
    if (read === 0) break
    parser.write(buffer.subarray(0, read))
  }
  parser.end()
  writer.finish()
}

/** The path of the directory with no link in it, each byte a character. */
function findDestination(root: RootedFiles, text: string): string {
  const { path } = askPath(text)
  try {
    using directory = root.open(path, directoryFlags)
    const whole = readlinkSync(`/proc/self/fd/${directory.fd}`, 'latin1')
    const above = readlinkSync(`/proc/self/fd/${root.fd}`, 'latin1')
    return above === '/' ? whole : whole.slice(above.length) || '/'
  } catch (error) {
    if (isCode(error, 'ENOTDIR')) throw new EngineError('invalid-argument', 'extraction point is not a directory')
    throw failedCall('lstat', path, error)
  }
}

/** The innermost mount decides; where there is none, the root file system. */
function checkWritable(path: string, { readOnlyRoot, mounted }: UnpackOptions): void {
  const shown = shownPath(path)
  const around = mounted.filter(({ target }) => shown === target || shown.startsWith(`${target}/`))
  const innermost = around.sort((a, b) => b.target.length - a.target.length)[0]
  if (innermost?.readOnly) throw new EngineError('forbidden', 'mounted volume is marked read-only')
  if (innermost === undefined && readOnlyRoot) {
    throw new EngineError('forbidden', 'container rootfs is marked read-only')
  }
}
