import { closeSync } from 'node:fs'
import { KernelError } from '../../base/errors.ts'
import {
  decodeFrames,
  encodeFrame,
  encodeFrames,
  type Frame,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from '../../wire/netlink/frame.ts'
import { AF_NETLINK } from '../address-family.ts'
import { check } from '../libc.ts'
import type { NetworkNamespace } from '../namespace.ts'
import {
  MSG_DONTWAIT,
  MSG_TRUNC,
  recv,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  send,
  setsockopt,
  socket,
} from '../socket-calls.ts'
import { collectRefusals, collectReplies } from './netlink-exchange.ts'

const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const firstBufferBytes = 32_768
const largestBufferBytes = 1 << 22
const dumpAttempts = 10
/** Requests for one `send`: all their refusals must fit into the socket's receive buffer, at some 800 bytes each. */
const batchSize = 128

/** Netlink families. @source include/uapi/linux/netlink.h */
export const NETLINK_ROUTE = 0
export const NETLINK_XFRM = 6
export const NETLINK_NETFILTER = 12

/** One of many requests that are made together. */
export interface BatchedRequest {
  readonly type: number
  readonly flags: number
  readonly body: Uint8Array
}

/** One conversation with one network namespace: rtnetlink, or netfilter. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number
  readonly #option = Buffer.alloc(4)
  #buffer = Buffer.alloc(firstBufferBytes)
  #open = true
  #closed = false
  #sequence = 0
  /** Requests whose `send` runs on a pool thread, with what came back for them meanwhile. */
  readonly #awaited = new Map<number, Frame[]>()

  /** The socket belongs to `namespace` for good; no later call has to enter it again. */
  constructor(namespace: NetworkNamespace, protocol = NETLINK_ROUTE) {
    this.#fd = namespace.run(() => check('open netlink socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)))
    // Refusals with a sentence, without our own request in them; filters of dumps obeyed. Old kernels do without.
    this.#option.writeInt32LE(1)
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK])
      setsockopt(this.#fd, SOL_NETLINK, option, this.#option, this.#option.length)
  }

  /**
   * Sends one request and reads replies up to the kernel's acknowledgement.
   *
   * The kernel answers inside `send`, so `recv` never waits; see rtnetlink(7). A dump that was disturbed by a change
   * meanwhile is asked for again.
   *
   * @param action what the request does, for the error: `create bridge "br0"`
   * @returns the bodies of the replies
   * @throws {KernelError} what the kernel refused, with its sentence in `detail`
   */
  request(action: string, type: number, flags: number, body: Uint8Array): Uint8Array[] {
    for (let attempt = 1; ; attempt++) {
      const sequence = this.#nextSequence()
      const message = this.#encode(type, flags, sequence, body)
      check(action, send(this.#fd, message, message.length, 0))
      const bodies = this.#collect(action, sequence, [])
      if (bodies !== undefined) return bodies
      // Repeating is harmless for a question only.
      if ((flags & NLM_F_DUMP) !== NLM_F_DUMP) throw new KernelError(action, 'EMSGSIZE')
      if (attempt === dumpAttempts) throw new KernelError(action, 'EINTR', 'the list changed whenever it was read')
    }
  }

  /**
   * Makes many requests that have no reply, in order, with one system call for a hundred of them. One that is refused
   * stops none of the others.
   *
   * @returns for each request why it was refused; undefined for what was done
   * @throws {KernelError} when the socket fails; some of them may have been done
   */
  requestMany(action: string, requests: readonly BatchedRequest[]): (KernelError | undefined)[] {
    const refusals: (KernelError | undefined)[] = []
    for (let at = 0; at < requests.length; at += batchSize) {
      const batch = requests.slice(at, at + batchSize)
      const sequences = batch.map(() => this.#nextSequence())
      const message = encodeFrames(
        batch.map(({ type, flags, body }, i) => {
          // Refusals come unasked. One acknowledgement, of the last, says that the others are done.
          const ack = i === batch.length - 1 ? NLM_F_ACK : 0
          return { type, flags: NLM_F_REQUEST | ack | flags, sequence: sequences[i]!, portId: 0, body }
        }),
      )
      check(action, send(this.#fd, message, message.length, 0))
      refusals.push(
        ...collectRefusals({
          action,
          sequences,
          receive: () => this.#receive(action),
          passOn: (frame) => this.#passOn(frame),
        }),
      )
    }
    return refusals
  }

  /**
   * Like `request`, with the event loop free while the kernel works: for what takes long, like deleting a bridge.
   *
   * Other requests may be made on the same socket meanwhile.
   */
  async requestAsync(action: string, type: number, flags: number, body: Uint8Array): Promise<Uint8Array[]> {
    const sequence = this.#nextSequence()
    const message = this.#encode(type, flags, sequence, body)
    const early: Frame[] = []
    this.#awaited.set(sequence, early)
    const { promise, resolve } = Promise.withResolvers<number>()
    send.async(this.#fd, message, message.length, 0, (_, sent) => resolve(sent))
    try {
      // errno is of the pool thread: gone. A netlink send of this size fails for want of memory only.
      if ((await promise) !== message.length) throw new KernelError(action, 'ENOBUFS')
      const bodies = this.#collect(action, sequence, early)
      if (bodies === undefined) throw new KernelError(action, 'EMSGSIZE')
      return bodies
    } finally {
      this.#awaited.delete(sequence)
      this.#closeWhenDone()
    }
  }

  #nextSequence(): number {
    if (!this.#open) throw new KernelError('use netlink socket', 'EBADF', 'it is closed')
    this.#sequence = (this.#sequence + 1) >>> 0 || 1
    return this.#sequence
  }

  #encode(type: number, flags: number, sequence: number, body: Uint8Array): Uint8Array {
    return encodeFrame({ type, flags: NLM_F_REQUEST | NLM_F_ACK | flags, sequence, portId: 0, body })
  }

  #collect(action: string, sequence: number, early: readonly Frame[]): Uint8Array[] | undefined {
    return collectReplies({
      action,
      sequence,
      early,
      receive: () => this.#receive(action),
      passOn: (frame) => this.#passOn(frame),
    })
  }

  /** Keeps what belongs to a request that is under way on a pool thread. */
  #passOn(frame: Frame): void {
    this.#awaited.get(frame.sequence)?.push({ ...frame, body: new Uint8Array(frame.body) })
  }

  /** One datagram; undefined when it did not fit. The next of its size will. */
  #receive(action: string): Frame[] | undefined {
    const received = check(action, recv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT | MSG_TRUNC))
    if (received <= this.#buffer.length) return decodeFrames(this.#buffer.subarray(0, received))
    if (received > largestBufferBytes) throw new KernelError(action, 'EMSGSIZE')
    this.#buffer = Buffer.alloc(2 ** Math.ceil(Math.log2(received)))
    return undefined
  }

  #closeWhenDone(): void {
    if (this.#open || this.#closed || this.#awaited.size > 0) return
    this.#closed = true
    closeSync(this.#fd)
  }

  /** Refuses further requests; the descriptor closes when the last one under way has its answer. */
  [Symbol.dispose](): void {
    this.#open = false
    this.#closeWhenDone()
  }
}
