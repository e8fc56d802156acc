import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../../base/errors.ts'

/**
 * The program of a plugin, in the first of the directories that has it.
 *
 * @param path `"/opt/cni/bin:/usr/lib/cni"`
 * @throws {EngineError} `not-found`
 */
export function findProgram(type: string, path: string): string {
  const found = path
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, type))
    .find(isProgram)
  if (found !== undefined) return found
  throw new EngineError('not-found', `CNI plugin "${type}" not found in ${path}: install it, or set "cni-path"`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not for us
  }
}
