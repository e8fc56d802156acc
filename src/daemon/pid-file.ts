import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'

/**
 * Writes this process's id to a file, which is removed with the answer; no path, no file.
 *
 * @throws {EngineError} `conflict` when the process that the file names still runs; Docker's words
 */
export function writePidFile(path: string): Disposable {
  if (path === '') return { [Symbol.dispose]() {} }
  const pid = readPid(path)
  if (pid !== undefined && pid !== process.pid && isAlive(pid)) {
    throw new EngineError(
      'conflict',
      `failed to start daemon, ensure it is not running or delete ${path}: process with PID ${pid} is still running`,
    )
  }
  writeFileSync(path, String(process.pid), { mode: 0o644 })
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim())
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
