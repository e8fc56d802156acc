import { openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isErrno } from '../../base/errors.ts'
import { Descriptor } from '../descriptors.ts'
import { check, libcFunction } from '../libc.ts'
import { AF_UNIX } from './address-family.ts'
import {
  bind,
  connect,
  listen,
  MSG_NOSIGNAL,
  recv,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  send,
  socket,
} from './socket-calls.ts'

const SHUT_WR = 1
const O_PATH = 0o10000000
/** `sizeof(sun_path)`: a longer path is reached through its directory's descriptor. @source unix(7) */
const longestPath = 107

const shutdown = libcFunction('int shutdown(int fd, int how)')

/** A connected SOCK_SEQPACKET socket that never blocks: packets keep their borders. */
export class SeqpacketSocket extends Descriptor {
  /** Connects to the listener at a path of any length. @throws {KernelError} `ENOENT`, `ECONNREFUSED` without one */
  static connect(path: string): SeqpacketSocket {
    const connection = new SeqpacketSocket(open(SOCK_SEQPACKET))
    try {
      withAddress(path, (address) => check(`connect to "${path}"`, connect(connection.fd, address, address.length)))
      return connection
    } catch (error) {
      connection[Symbol.dispose]()
      throw error
    }
  }

  /**
   * Puts one packet into `buffer`.
   *
   * A connection that was reset has its last packets still to give: the reset itself counts as nothing yet.
   *
   * @returns its length, 0 at the end, undefined when there is nothing yet
   */
  receive(buffer: Uint8Array): number | undefined {
    const length = recv(this.fd, buffer, buffer.length, 0)
    return length < 0 ? undefined : length
  }

  /** Sends one packet. @returns false when the other side takes no more now */
  send(packet: Uint8Array): boolean {
    return unlessBusy(() => check('send', send(this.fd, packet, packet.length, MSG_NOSIGNAL))) !== undefined
  }

  /** Tells the other side that nothing more comes. */
  endSending(): void {
    shutdown(this.fd, SHUT_WR)
  }
}

/** Listens at a path of any length for one stream connection. The caller removes the path. */
export function listenUnix(path: string): Descriptor {
  const listener = new Descriptor(open(SOCK_STREAM))
  try {
    withAddress(path, (address) => check(`listen at "${path}"`, bind(listener.fd, address, address.length)))
    check(`listen at "${path}"`, listen(listener.fd, 1))
    return listener
  } catch (error) {
    listener[Symbol.dispose]()
    throw error
  }
}

function open(type: number): number {
  return check('open unix socket', socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
}

function unlessBusy<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (isErrno(error, 'EAGAIN', 'EWOULDBLOCK', 'EINTR')) return undefined
    throw error
  }
}

function withAddress(path: string, use: (address: Buffer) => void): void {
  if (Buffer.byteLength(path) <= longestPath) {
    use(encode(path))
    return
  }
  using dir = new Descriptor(openSync(dirname(path), O_PATH))
  use(encode(`/proc/self/fd/${dir.fd}/${basename(path)}`))
}

/** `struct sockaddr_un`. */
function encode(path: string): Buffer {
  const address = Buffer.alloc(2 + Buffer.byteLength(path) + 1)
  address.writeUInt16LE(AF_UNIX, 0)
  address.write(path, 2)
  return address
}
