import { setCloseOnExec } from '../descriptors.ts'
import { check } from '../libc.ts'
import { AF_UNIX } from './address-family.ts'
import { getsockopt, SOL_SOCKET } from './socket-calls.ts'

const SO_DOMAIN = 39

/**
 * Takes a socket over that was open when this process began, and keeps it from programs that it starts.
 *
 * @returns whether only this machine reaches it, through its file system
 * @throws {KernelError} `EBADF` without such a descriptor, `ENOTSOCK` for another kind
 * @source socket(7), "SO_DOMAIN"
 */
export function takePassedSocket(fd: number): { readonly isUnix: boolean } {
  setCloseOnExec(fd)
  const [value, length] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32LE(value.length)
  check(`look at descriptor ${fd}`, getsockopt(fd, SOL_SOCKET, SO_DOMAIN, value, length))
  return { isUnix: value.readInt32LE() === AF_UNIX }
}
