import { constants } from 'node:os'
import { getSystemErrorMessage } from 'node:util'
import { EngineError, type ErrorKind, KernelError } from '../../../base/errors.ts'

const kinds: Readonly<Record<string, ErrorKind>> = { ENOENT: 'not-found', EROFS: 'forbidden', EEXIST: 'conflict' }

/**
 * The failure of a system call as Docker words it: `open /etc/x: no space left on device`.
 *
 * @param path  in the container
 */
export function failedCall(call: string, path: string | Buffer, error: unknown): Error {
  const code = errnoOf(error)
  if (code === undefined) return error as Error
  return new EngineError(kinds[code] ?? 'internal', `${call} ${path}: ${wordsOf(code)}`, { cause: error })
}

/** Runs a call, and words its failure. */
export function calling<T>(call: string, path: string | Buffer, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw failedCall(call, path, error)
  }
}

/** What is told of a failure: what is wrong with an archive is its sender's doing; a bug stays what it is. */
export function fileFailure(error: unknown): Error {
  if (error instanceof KernelError) return new EngineError('internal', `${error.message}: ${wordsOf(error.errno)}`)
  if (error instanceof EngineError) return error
  if (error instanceof RangeError && isOfArchive(error)) return new EngineError('invalid-argument', error.message)
  const code = errnoOf(error)
  return code === undefined ? (error as Error) : new EngineError(kinds[code] ?? 'internal', wordsOf(code))
}

/** Whether it is one of these. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = errnoOf(error)
  return code !== undefined && codes.includes(code)
}

function errnoOf(error: unknown): string | undefined {
  if (error instanceof KernelError) return error.errno
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code !== undefined && code in constants.errno ? code : undefined
}

function wordsOf(errno: string): string {
  const number = constants.errno[errno as keyof typeof constants.errno]
  return number === undefined ? errno : getSystemErrorMessage(-number)
}

/** What `wire/tar` throws; Node's own have a code. */
function isOfArchive(error: RangeError): boolean {
  return !('code' in error)
}
