import { EngineError } from '../../../base/errors.ts'
import { findProgram } from '../../../kernel/processes/find-program.ts'

/**
 * The program of a plugin.
 *
 * @param path `"/opt/cni/bin:/usr/lib/cni"`
 * @throws {EngineError} `not-found`
 */
export function pluginProgram(type: string, path: string): string {
  const found = findProgram(type, path)
  if (found !== undefined) return found
  throw new EngineError('not-found', `CNI plugin "${type}" not found in ${path}: install it, or set "cni-path"`)
}
