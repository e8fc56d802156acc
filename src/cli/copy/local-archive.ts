import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ExitError } from '../errors.ts'

const options = { env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
/** Blocks of 512 bytes that tar reads and writes at a time: with its own 20 the calls alone are a sixth of the client's work. */
const blockingFactor = '--blocking-factor=128'
/** tar's status when a file changed while it was read. */
const filesChanged = 1

/** Packs one thing in a directory, with all that is in it. The stream fails when packing does. */
export function packLocal(directory: string, name: string): Readable {
  const words = ['--create', '--file=-', blockingFactor, '--numeric-owner', `--directory=${directory}`, '--', name]
  const tar = spawn('tar', words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = wordsOf(tar)
  const packed = new PassThrough()
  tar.once('error', (error) => packed.destroy(error))
  tar.once('close', (status) => {
    if ((status ?? 128) <= filesChanged) packed.end()
    else packed.destroy(new ExitError(1, said()))
  })
  packed.once('close', () => tar.kill())
  tar.stdout.pipe(packed, { end: false })
  return packed
}

/**
 * Unpacks an archive; what it makes belongs to whoever calls.
 *
 * tar follows no link of the archive's, and makes nothing outside of the directory.
 *
 * @throws {ExitError} 1 with tar's words
 */
export async function unpackLocal(directory: string, archive: Readable): Promise<void> {
  const words = [
    '--extract',
    '--file=-',
    blockingFactor,
    '--no-same-owner',
    '--preserve-permissions',
    '--delay-directory-restore',
  ]
  const tar = spawn('tar', [...words, `--directory=${directory}`], { ...options, stdio: ['pipe', 'ignore', 'pipe'] })
  const said = wordsOf(tar)
  const ended = once(tar, 'close') as Promise<[number | null]>
  const fed = pipeline(archive, tar.stdin).catch((error: Error) => error)
  const [status] = await ended
  if (status !== 0) throw new ExitError(1, said())
  const failure = await fed
  if (failure !== undefined && (failure as NodeJS.ErrnoException).code !== 'EPIPE') throw failure
}

/** What tar says of its failure, without its name. */
function wordsOf({ stderr }: ChildProcess): () => string {
  let said = ''
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096)
  })
  return () => {
    const lines = said.split('\n').filter((line) => line !== '' && !/Exiting with failure|Removing leading/.test(line))
    return lines.map((line) => line.replace(/^tar: /, '')).join('\n') || 'tar was stopped'
  }
}
