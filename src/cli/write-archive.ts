import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ExitError } from './errors.ts'
import type { Terminal } from './terminal.ts'

/**
 * Writes an archive to a file, or to stdout when that is no terminal. A file of that name is replaced only by a whole archive.
 *
 * @param verb  what a terminal is refused for: `save`
 * @returns the exit code
 */
export async function writeArchive(
  { stdout }: Terminal,
  output: string,
  verb: string,
  open: () => Promise<Readable>,
): Promise<number> {
  if (output === '' && stdout.isTTY) {
    throw new ExitError(1, `cowardly refusing to ${verb} to a terminal. Use the -o flag or redirect`)
  }
  const archive = await open()
  if (output === '') {
    await pipeline(archive, stdout, { end: false })
    return 0
  }
  const partial = `${output}.${process.pid}.partial`
  try {
    await pipeline(archive, createWriteStream(partial, { mode: 0o600 }))
    await rename(partial, output)
  } finally {
    await rm(partial, { force: true })
  }
  return 0
}
