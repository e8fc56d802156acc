import { libcFunction } from '../libc.ts'

/** Kinds of sockets and how to open them. @source socket(2) */
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_SEQPACKET = 5
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000

/** Levels of socket options, and options of every socket. @source socket(7), ip(7), ipv6(7), netlink(7) */
export const SOL_IP = 0
export const SOL_SOCKET = 1
export const SOL_IPV6 = 41
export const SOL_NETLINK = 270
export const SO_REUSEADDR = 2
export const SO_RCVBUF = 8
export const SO_SNDBUFFORCE = 32
export const SO_RCVBUFFORCE = 33

/** How to send and receive. @source send(2), recv(2) */
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000
export const MSG_CMSG_CLOEXEC = 0x4000_0000

/** The system calls on sockets, as libc has them: each answers -1 for a failure, for `check` to read. */
export const socket = libcFunction('int socket(int domain, int type, int protocol)')
/** @source bind(2) */
export const bind = libcFunction('int bind(int fd, const void *address, unsigned int length)')
/** @source connect(2) */
export const connect = libcFunction('int connect(int fd, const void *address, unsigned int length)')
/** @source listen(2) */
export const listen = libcFunction('int listen(int fd, int backlog)')
/** @source accept(2) */
export const accept4 = libcFunction('int accept4(int fd, void *address, void *length, int flags)')
/** @source send(2) */
export const send = libcFunction('int64_t send(int fd, const void *data, size_t length, int flags)')
/** @source recv(2) */
export const recv = libcFunction('int64_t recv(int fd, void *data, size_t length, int flags)')
/** @source getsockopt(2) */
export const getsockopt = libcFunction('int getsockopt(int fd, int level, int name, void *value, void *length)')
/** @source getsockopt(2) */
export const setsockopt = libcFunction(
  'int setsockopt(int fd, int level, int name, const void *value, unsigned int length)',
)
