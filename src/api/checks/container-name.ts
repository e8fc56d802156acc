import { EngineError } from '../../base/errors.ts'

/**
 * A container's name without its leading slash.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkContainerName(name: string): string {
  const bare = name.replace(/^\//, '')
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare)) {
    throw new EngineError(
      'invalid-argument',
      `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    )
  }
  return bare
}
