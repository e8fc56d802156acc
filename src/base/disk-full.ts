import { EngineError } from './errors.ts'

/**
 * Runs `work`; a full disk becomes an error that says so without a stack.
 *
 * @param action  `load image`
 * @throws {EngineError} `internal` `Cannot load image: no space left on device`; all else as `work` threw it
 */
export async function namingFullDisk<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause
    throw new EngineError('internal', `Cannot ${action}: no space left on device`, { cause })
  }
}

/** Whether what tar said means a full disk: it tells a write that was cut short by its bytes only. */
export function saysDiskFull(stderr: string): boolean {
  return /no space left on device|disk quota exceeded|wrote only \d+ of \d+ bytes/i.test(stderr)
}
