import { closeSync, readFileSync } from 'node:fs'
import { check, libcFunction } from './libc.ts'

const O_CLOEXEC = 0o2000000
const O_NONBLOCK = 0o4000
const F_GETFD = 1
const F_SETFD = 2
const FD_CLOEXEC = 1
const F_GETFL = 3
const F_SETFL = 4
const F_SETPIPE_SZ = 1031

const pipe2 = libcFunction('int pipe2(void *fds, int flags)')
const fcntl = libcFunction('int fcntl(int fd, int command, long argument)')

/** The two ends of a pipe. Both are closed on exec; the owner closes them. */
export interface Pipe {
  readonly readFd: number
  readonly writeFd: number
}

/**
 * Makes a pipe for a child's standard stream: a socket, which Node would make, cannot be opened as `/dev/stdout`.
 *
 * @param capacityBytes  how much the kernel keeps; a wish that the kernel may refuse
 * @source pipe(2), fcntl(2) "F_SETPIPE_SZ"
 */
export function createPipe(capacityBytes = 65_536): Pipe {
  const fds = Buffer.alloc(8)
  check('create pipe', pipe2(fds, O_CLOEXEC))
  const pipe = { readFd: fds.readInt32LE(0), writeFd: fds.readInt32LE(4) }
  if (capacityBytes !== 65_536) fcntl(pipe.writeFd, F_SETPIPE_SZ, capacityBytes)
  return pipe
}

/** Makes reads and writes answer `EAGAIN` instead of waiting, for every descriptor of this open file. */
export function setNonBlocking(fd: number): void {
  const flags = check('read descriptor flags', fcntl(fd, F_GETFL, 0))
  check('set descriptor flags', fcntl(fd, F_SETFL, flags | O_NONBLOCK))
}

/** Keeps programs that are started from now on from having this descriptor. @throws {KernelError} `EBADF` */
export function setCloseOnExec(fd: number): void {
  const flags = check('read flags of descriptor', fcntl(fd, F_GETFD, 0))
  check('set flags of descriptor', fcntl(fd, F_SETFD, flags | FD_CLOEXEC))
}

/** A descriptor with one owner: closed once, however often it is disposed. */
export class Descriptor implements Disposable {
  readonly fd: number
  #open = true

  constructor(fd: number) {
    this.fd = fd
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.fd)
    this.#open = false
  }
}

/** How many descriptors this process may have: Node has raised it as far as it may. @source proc_pid_limits(5) */
export function descriptorLimit(): number {
  const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return soft === 'unlimited' ? Infinity : Number(soft)
}
