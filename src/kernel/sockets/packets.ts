import { close } from 'node:fs'
import { Descriptor } from '../descriptors.ts'
import { check, libcFunction } from '../libc.ts'
import type { NetworkNamespace } from '../namespace.ts'
import { AF_PACKET } from './address-family.ts'
import { bind, recv, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, send, socket } from './socket-calls.ts'

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
    close(fd, () => {}) // on a pool thread: the kernel waits for every processor; it cannot fail
  }
}

/**
 * Sends and receives whole Ethernet frames of one type by one interface, and sees no others: what else crosses the
 * interface pays nothing for it.
 *
 * @source packet(7)
 */
export class FrameSocket extends Descriptor {
  /**
   * @param index of the interface
   * @throws {KernelError} `ENODEV` when it is gone
   */
  static open(namespace: NetworkNamespace, index: number, ethertype: number): FrameSocket {
    const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK
    // Of no type until it is bound: else it would hear every interface for a moment.
    const frames = new FrameSocket(namespace.run(() => check('open packet socket', socket(AF_PACKET, type, 0))))
    try {
      const address = Buffer.alloc(linkAddressBytes)
      address.writeUInt16LE(AF_PACKET, 0)
      address.writeUInt16BE(ethertype, 2)
      address.writeInt32LE(index, 4)
      check(`listen on link ${index}`, bind(frames.fd, address, address.length))
      return frames
    } catch (error) {
      frames[Symbol.dispose]()
      throw error
    }
  }

  /** @returns false when the kernel would not take the frame: too large for the interface, or that is down or gone */
  send(frame: Uint8Array): boolean {
    return send(this.fd, frame, frame.length, 0) >= 0
  }

  /** Puts one frame into `buffer`, as far as it fits. @returns its length; undefined when nothing waits, or never will */
  receive(buffer: Uint8Array): number | undefined {
    const length = recv(this.fd, buffer, buffer.length, 0)
    return length < 0 ? undefined : Number(length)
  }
}
