import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { EngineError, isErrno } from '../../base/errors.ts'
import { check, libcFunction } from '../libc.ts'

const LOCK_EX = 2
const LOCK_NB = 4

const flock = libcFunction('int flock(int fd, int operation)')

/**
 * Takes a file for this process alone, and writes its process id into it; made when missing.
 *
 * The kernel lets go of it when the process ends, however it ends.
 *
 * @throws {EngineError} `conflict` when another process holds it, naming that process
 * @source flock(2)
 */
export function lockFile(path: string): Disposable {
  const fd = openSync(path, 'a+')
  try {
    check(`lock "${path}"`, flock(fd, LOCK_EX | LOCK_NB))
  } catch (error) {
    closeSync(fd)
    if (!isErrno(error, 'EAGAIN', 'EWOULDBLOCK')) throw error
    throw new EngineError('conflict', `Cannot lock "${path}": process ${readFileSync(path, 'utf8').trim()} holds it`)
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`)
  return { [Symbol.dispose]: () => closeSync(fd) }
}
