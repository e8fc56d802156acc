import { closeSync, readFileSync } from 'node:fs'
import { check, libcFunction } from '../libc.ts'
import { AF_INET6 } from './address-family.ts'
import { bind, listen, SO_RCVBUF, SO_REUSEADDR, SOL_IPV6, SOL_SOCKET, setsockopt } from './socket-calls.ts'
import { encodeSocketAddress, endpointText, openSocketOf, type SocketKind, socketFamily } from './sockets.ts'

const IPV6_V6ONLY = 26
const backlog = 512

/** What may stray to a port that nobody reads, or wait for the userland proxy. */
const receiveBuffer = intValue(2 ** 18)

const closeRange = libcFunction('int close_range(unsigned int first, unsigned int last, unsigned int flags)')

const values = [0, 1].map(intValue)

/**
 * Opens sockets that hold one port each, many of them one after the other: what they share is prepared once.
 *
 * TCP and SCTP sockets listen: `ss -l` shows what is taken. They open in the network namespace of this thread.
 */
export class PortSockets {
  readonly #kind: SocketKind
  readonly #address: string
  readonly #family: number
  readonly #name: Buffer
  /** What a new socket has to be told about IPv4; `undefined`: it is so already. */
  readonly #ipv6Only: Buffer | undefined

  /** @param address one of the host, `"0.0.0.0"`, `"::"` for IPv6 alone, or `"*"` for both families by one socket */
  constructor(kind: SocketKind, address: string) {
    this.#kind = kind
    this.#address = address === '*' ? '::' : address
    this.#family = socketFamily(this.#address)
    this.#name = encodeSocketAddress(this.#address, 0)
    const wanted = address === '*' ? 0 : 1
    this.#ipv6Only = this.#family !== AF_INET6 || usualIPv6Only() === wanted ? undefined : values[wanted]
  }

  /**
   * Takes one port. The caller closes the descriptor.
   *
   * @throws {KernelError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EAFNOSUPPORT`, `EPROTONOSUPPORT`, `EMFILE`
   */
  open(port: number): number {
    const fd = openSocketOf(this.#kind, this.#family)
    try {
      if (this.#ipv6Only !== undefined) setOption(fd, SOL_IPV6, IPV6_V6ONLY, this.#ipv6Only)
      if (this.#kind === 'udp') setOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer)
      else setOption(fd, SOL_SOCKET, SO_REUSEADDR, values[1]!)
      this.#name.writeUInt16BE(port, 2)
      if (bind(fd, this.#name, this.#name.length) < 0) check(`bind "${endpointText(this.#address, port)}"`, -1)
      if (this.#kind !== 'udp') check('listen', listen(fd, backlog))
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }
}

/** What IPv6 sockets of this namespace are unless they are told. */
function usualIPv6Only(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/net/ipv6/bindv6only', 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // no IPv6: there will be no socket
    throw error
  }
}

function intValue(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function setOption(fd: number, level: number, name: number, value: Buffer): void {
  check('set socket option', setsockopt(fd, level, name, value, value.length))
}

/** Closes descriptors: those beside each other by one call. @source close_range(2), Linux 5.9 */
export function closeAll(fds: readonly number[]): void {
  const sorted = Int32Array.from(fds).sort()
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end]! + 1) end++
    if (end === start || closeRange(sorted[start]!, sorted[end]!, 0) < 0) {
      for (let i = start; i <= end; i++) closeSync(sorted[i]!)
    }
    start = end + 1
  }
}
