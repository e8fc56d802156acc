import { isIPv6 } from 'node:net'
import { isErrno } from '../../base/errors.ts'
import { ipBytes } from '../../wire/ip-address.ts'
import { check, libcFunction } from '../libc.ts'
import { AF_INET, AF_INET6 } from './address-family.ts'
import {
  accept4,
  bind,
  connect,
  listen,
  recv,
  SO_RCVBUF,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  send,
  setsockopt,
  socket,
} from './socket-calls.ts'

const IPPROTO_SCTP = 132
const IP_PKTINFO = 8
const IPV6_V6ONLY = 26
const IPV6_RECVPKTINFO = 49
const F_DUPFD_CLOEXEC = 1030
/** `sizeof(struct sockaddr_in6)`; the IPv4 one has 16 bytes. */
export const socketAddressBytes = 28

const sendto = libcFunction(
  'int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, unsigned int size)',
)
const getsockname = libcFunction('int getsockname(int fd, void *address, void *length)')
const fcntl = libcFunction('int fcntl(int fd, int command, int argument)')
const interfaceIndex = libcFunction('unsigned int if_nametoindex(const char *name)')

/** The transports that `openSocket` knows. */
export type SocketKind = 'tcp' | 'udp' | 'sctp'

/**
 * Opens a socket that never blocks, in the network namespace of this thread. The caller closes the descriptor.
 *
 * @param address  decides the family; IPv6 sockets never take IPv4
 * @throws {KernelError} `EPROTONOSUPPORT` or `EAFNOSUPPORT` when the kernel has no such protocol
 */
export function openSocket(kind: SocketKind, address: string): number {
  const family = socketFamily(address)
  const fd = openSocketOf(kind, family)
  if (family === AF_INET6) setOption(fd, SOL_IPV6, IPV6_V6ONLY, 1)
  return fd
}

/** `AF_INET` or `AF_INET6`. */
export function socketFamily(address: string): number {
  return isIPv6(address) ? AF_INET6 : AF_INET
}

/** Like `openSocket`; whether an IPv6 socket takes IPv4 as well is what the namespace says. */
export function openSocketOf(kind: SocketKind, family: number): number {
  const type = kind === 'udp' ? SOCK_DGRAM : SOCK_STREAM
  const protocol = kind === 'sctp' ? IPPROTO_SCTP : 0
  return check(`open ${kind} socket`, socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol))
}

/** Binds a socket. @param port  0: the kernel chooses one of `ip_local_port_range` */
export function bindSocket(fd: number, address: string, port: number): void {
  const name = encodeSocketAddress(address, port)
  check(`bind "${endpointText(address, port)}"`, bind(fd, name, name.length))
}

/** Connects a socket, or begins to: a TCP socket tells when it may be written. */
export function connectSocket(fd: number, address: string, port: number): void {
  const name = encodeSocketAddress(address, port)
  try {
    check(`connect to "${endpointText(address, port)}"`, connect(fd, name, name.length))
  } catch (error) {
    if (!isErrno(error, 'EINPROGRESS')) throw error
  }
}

/** Makes a bound socket take connections. */
export function listenSocket(fd: number, backlog: number): void {
  check('listen', listen(fd, backlog))
}

/** Takes one waiting connection; `undefined` when there is none. */
export function acceptSocket(fd: number): number | undefined {
  const accepted = accept4(fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK)
  return accepted < 0 ? undefined : accepted
}

/** Like `acceptSocket`, for whoever can wait. @throws {KernelError} `EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM` */
export function acceptConnection(fd: number): number | undefined {
  try {
    return check('take a connection', accept4(fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK))
  } catch (error) {
    if (isErrno(error, 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM')) throw error
    return undefined // nobody waits, or has gone again
  }
}

/** The port that a socket is bound to. */
export function localPort(fd: number): number {
  const name = Buffer.alloc(socketAddressBytes)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(name.length)
  check('get socket name', getsockname(fd, name, length))
  return name.readUInt16BE(2)
}

/** Another descriptor of the same socket. */
export function duplicateDescriptor(fd: number): number {
  return check('duplicate descriptor', fcntl(fd, F_DUPFD_CLOEXEC, 0))
}

/** Lets a listener take a port whose old connections have not faded away yet. */
export function allowReuse(fd: number): void {
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
}

/** How much may wait on a socket to be read; the kernel has a minimum of about 2 KiB. @param bytes  0 or more */
export function limitReceiveBuffer(fd: number, bytes: number): void {
  setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes)
}

/** Makes each datagram tell which of our addresses it was sent to. @source ip(7), IP_PKTINFO; ipv6(7) */
export function tellDestination(fd: number, address: string): void {
  if (isIPv6(address)) setOption(fd, SOL_IPV6, IPV6_RECVPKTINFO, 1)
  else setOption(fd, SOL_IP, IP_PKTINFO, 1)
}

function setOption(fd: number, level: number, name: number, value: number): void {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  check('set socket option', setsockopt(fd, level, name, bytes, bytes.length))
}

/**
 * A `struct sockaddr_in` or `sockaddr_in6`. An IPv6 zone (`fe80::1%eth0`) is looked up in this thread's namespace.
 *
 * @source ip(7), ipv6(7)
 */
export function encodeSocketAddress(address: string, port: number): Buffer {
  const [host = '', zone] = address.split('%')
  if (!isIPv6(host)) {
    const name = Buffer.alloc(16)
    name.writeUInt16LE(AF_INET, 0)
    name.writeUInt16BE(port, 2)
    name.set(ipBytes(host), 4)
    return name
  }
  const name = Buffer.alloc(socketAddressBytes)
  name.writeUInt16LE(AF_INET6, 0)
  name.writeUInt16BE(port, 2)
  name.set(ipBytes(host), 8)
  if (zone !== undefined) name.writeUInt32LE(/^\d+$/.test(zone) ? Number(zone) : interfaceIndex(zone), 24)
  return name
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
export function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Sends one datagram on a connected socket. */
export function sendDatagram(fd: number, bytes: Uint8Array): void {
  check('send datagram', send(fd, bytes, bytes.length, 0))
}

/** Sends one datagram to a `struct sockaddr`. @returns false when the kernel would not take it */
export function sendDatagramTo(fd: number, bytes: Uint8Array, peer: Uint8Array): boolean {
  return sendto(fd, bytes, bytes.length, 0, peer, peer.length) >= 0
}

/**
 * Receives one datagram into `buffer`.
 *
 * @returns its length; `undefined` when nothing waits
 * @throws {KernelError} `ECONNREFUSED` on a connected socket whose other side is not there
 */
export function receiveDatagram(fd: number, buffer: Uint8Array): number | undefined {
  const length = recv(fd, buffer, buffer.length, 0)
  if (length >= 0) return Number(length)
  try {
    return check('receive datagram', length)
  } catch (error) {
    if (isErrno(error, 'EAGAIN')) return undefined
    throw error
  }
}
