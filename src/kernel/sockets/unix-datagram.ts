import { Descriptor } from '../descriptors.ts'
import { check, libcFunction } from '../libc.ts'
import { AF_UNIX } from './address-family.ts'
import { MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_DGRAM, socket } from './socket-calls.ts'

const sendto = libcFunction(
  'int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, unsigned int size)',
)

/**
 * Sends one datagram to a unix socket, which Node cannot.
 *
 * @param path  absolute; with `@` instead of the first `/`, a name of the abstract kind
 * @throws {KernelError} `ENOENT`, `ECONNREFUSED` when nobody listens
 * @source unix(7)
 */
export function sendUnixDatagram(path: string, text: string): void {
  using own = new Descriptor(check('open unix socket', socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)))
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : path)
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), name, Buffer.alloc(path.startsWith('@') ? 0 : 1)])
  const bytes = Buffer.from(text)
  check(`send to "${path}"`, sendto(own.fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length))
}
