import { closeSync } from 'node:fs'
import { AF_PACKET } from './address-family.ts'
import { check, libcFunction } from './libc.ts'
import type { NetworkNamespace } from './namespace.ts'
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, socket } from './socket-calls.ts'

/** `sizeof(struct sockaddr_ll)` */
const linkAddressBytes = 20
const sendto = libcFunction(
  'int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, unsigned int size)',
)

/**
 * Sends whole Ethernet frames by one interface of a namespace.
 *
 * @param index of the interface
 * @throws {KernelError} `ENXIO` or `ENODEV` when it is gone, `ENETDOWN` when it is down
 * @source packet(7)
 */
export function sendFrames(namespace: NetworkNamespace, index: number, frames: readonly Uint8Array[]): void {
  const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK
  const fd = namespace.run(() => check('open packet socket', socket(AF_PACKET, type, 0)))
  try {
    const address = Buffer.alloc(linkAddressBytes)
    address.writeUInt16LE(AF_PACKET, 0)
    address.writeInt32LE(index, 4)
    for (const frame of frames) check('send frame', sendto(fd, frame, frame.length, 0, address, address.length))
  } finally {
    closeSync(fd)
  }
}
