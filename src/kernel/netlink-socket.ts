import { closeSync } from 'node:fs'
import { KernelError } from '../base/errors.ts'
import { roundUp } from '../wire/netlink/layout.ts'
import { check, errnoName, libcFunction } from './libc.ts'
import type { NetworkNamespace } from './namespace.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_ROUTE = 0
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_REQUEST = 1
const NLM_F_ACK = 4

const socket = libcFunction('int socket(int domain, int type, int protocol)')
const send = libcFunction('int64_t send(int fd, const void *data, size_t length, int flags)')
const recv = libcFunction('int64_t recv(int fd, void *data, size_t length, int flags)')

/** One rtnetlink conversation with one network namespace. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number
  #open = true
  #sequence = 0

  /** The socket belongs to `namespace` for good; no later call has to enter it again. */
  constructor(namespace: NetworkNamespace) {
    this.#fd = namespace.run(() =>
      check('open netlink socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)),
    )
  }

  /**
   * Sends one request and reads replies up to the kernel's acknowledgement.
   *
   * The kernel answers inside `send`, so `recv` never waits; see rtnetlink(7).
   */
  request(action: string, type: number, flags: number, body: Uint8Array): Uint8Array[] {
    const message = Buffer.alloc(16 + body.length)
    message.writeUInt32LE(message.length, 0)
    message.writeUInt16LE(type, 4)
    message.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK | flags, 6)
    message.writeUInt32LE(++this.#sequence, 8)
    message.set(body, 16)
    check(action, send(this.#fd, message, message.length, 0))

    const replies: Uint8Array[] = []
    const buffer = Buffer.alloc(32_768)
    for (;;) {
      const received = check(action, recv(this.#fd, buffer, buffer.length, 0))
      for (let at = 0; at < received; ) {
        const length = buffer.readUInt32LE(at)
        const kind = buffer.readUInt16LE(at + 4)
        if (kind === NLMSG_DONE) return replies
        if (kind === NLMSG_ERROR) {
          const errno = -buffer.readInt32LE(at + 16)
          if (errno !== 0) throw new KernelError(action, errnoName(errno))
          return replies
        }
        replies.push(Uint8Array.from(buffer.subarray(at + 16, at + length)))
        at += roundUp(length, 4)
      }
    }
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }
}
