import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where a program is: in the first directory that has it. Undefined when none has, or when it is not for us to run.
 *
 * @param name  one with a slash is a path, and looked for nowhere else
 * @param path  directories as in PATH, which is taken when none are named: `"/opt/cni/bin:/usr/lib/cni"`; relative ones do
 *              not count
 */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  if (name.includes('/')) return isProgram(name) ? name : undefined
  const directories = path.split(delimiter).filter((directory) => directory.startsWith('/'))
  return directories.map((directory) => join(directory, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not for us
  }
}
