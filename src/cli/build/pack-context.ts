import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ExitError } from '../errors.ts'

/**
 * A tar archive of some files, as it is being made. Nothing of their owners goes into it.
 *
 * @param paths  relative to `directory`; a directory is named without what is in it
 * @param extra  a file from elsewhere, which comes last
 * @throws {ExitError} 1, when it is read: with tar's words
 */
export function packContext(
  directory: string,
  paths: AsyncIterable<string>,
  extra?: { readonly directory: string; readonly name: string },
): Readable {
  const more = extra === undefined ? [] : [`--directory=${extra.directory}`, `./${extra.name}`]
  const tar = spawn('tar', [...flags, `--directory=${directory}`, '--files-from=-', ...more], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  let said = ''
  tar.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4096)
  })
  const ended = once(tar, 'close').then(
    ([code]: (number | null)[]) => code,
    (error: Error) => {
      said = error.message
      return 1
    },
  )
  // tar's own end says more than a broken pipe.
  const fed = pipeline(nulTerminated(paths), tar.stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') said = error.message
    tar.kill()
  })
  return Readable.from(
    (async function* () {
      yield* tar.stdout
      await fed
      if ((await ended) !== 0) throw new ExitError(1, `error from sender: ${said.trim().split('\n')[0]}`)
    })(),
    { objectMode: false },
  )
}

const flags = [
  '--create',
  '--file=-',
  '--no-recursion',
  '--null',
  '--verbatim-files-from',
  '--numeric-owner',
  '--owner=0',
  '--group=0',
  '--warning=no-file-changed',
]

async function* nulTerminated(paths: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const path of paths) yield `./${path}\0`
}
