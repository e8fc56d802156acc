import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { ExitError } from './errors.ts'

/** Opens a file to send. @throws {ExitError} 1 `open x: no such file or directory`, before anything is sent */
export async function openInputFile(path: string): Promise<Readable> {
  const file = createReadStream(path)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  file.once('open', () => resolve())
  file.once('error', (error: NodeJS.ErrnoException) => {
    reject(new ExitError(1, `open ${path}: ${error.code === 'ENOENT' ? 'no such file or directory' : error.message}`))
  })
  await promise
  return file
}
