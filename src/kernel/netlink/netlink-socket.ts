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
import { subsystems } from '../../wire/netlink/netfilter.ts'
import { check } from '../libc.ts'
import type { NetworkNamespace } from '../namespace.ts'
import { AF_NETLINK } from '../sockets/address-family.ts'
import {
  MSG_DONTWAIT,
  MSG_TRUNC,
  recv,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  send,
  setsockopt,
  socket,
} from '../sockets/socket-calls.ts'
import { collectRefusals, collectReplies } from './netlink-exchange.ts'

const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const firstBufferBytes = 32_768
const largestBufferBytes = 1 << 22
/** Less than any kernel's default. */
const firstSendBytes = 100_000
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

/** `struct nfgenmsg` of a transaction's ends: no family, version 0, subsystem nftables. */
const batchBody = Uint8Array.of(0, 0, 0, subsystems.nftables)
const batchBegin: BatchedRequest = { type: 0x10, flags: 0, body: batchBody } // NFNL_MSG_BATCH_BEGIN
const batchEnd: BatchedRequest = { type: 0x11, flags: 0, body: batchBody } // NFNL_MSG_BATCH_END

/** One conversation with one network namespace: rtnetlink, or netfilter. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number
  readonly #option = Buffer.alloc(4)
  #buffer = Buffer.alloc(firstBufferBytes)
  #open = true
  #closed = false
  #sequence = 0
  #sendBytes = firstSendBytes
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
      const frames = this.#frames(requests.slice(at, at + batchSize))
      this.#send(action, frames)
      refusals.push(...this.#collectRefusals(action, frames))
    }
    return refusals
  }

  /**
   * Makes requests to netfilter as one transaction: all of them or none.
   *
   * @throws {KernelError} the first that was refused; nothing is done then
   * @source include/uapi/linux/netfilter/nfnetlink.h (`NFNL_MSG_BATCH_BEGIN`)
   */
  transaction(action: string, requests: readonly BatchedRequest[]): void {
    const [begin, end] = this.#frames([batchBegin, batchEnd])
    const frames = this.#frames(requests)
    this.#send(action, [begin!, ...frames, { ...end!, flags: NLM_F_REQUEST }])
    // What is wrong with the whole is told of the message that began it.
    const refusal = this.#collectRefusals(action, [begin!, ...frames]).find((one) => one !== undefined)
    if (refusal !== undefined) throw refusal
  }

  #frames(requests: readonly BatchedRequest[]): Frame[] {
    return requests.map(({ type, flags, body }, i) => {
      // Refusals come unasked. One acknowledgement, of the last, says that the others are done.
      const ack = i === requests.length - 1 ? NLM_F_ACK : 0
      return { type, flags: NLM_F_REQUEST | ack | flags, sequence: this.#nextSequence(), portId: 0, body }
    })
  }

  #send(action: string, frames: readonly Frame[]): void {
    const message = encodeFrames(frames)
    if (message.length > this.#sendBytes) this.#raiseSendBuffer(message.length)
    check(action, send(this.#fd, message, message.length, 0))
  }

  /** A message has to fit into the socket's buffer, with what the kernel adds for its own use. */
  #raiseSendBuffer(bytes: number): void {
    this.#sendBytes = 2 * bytes
    this.#option.writeInt32LE(this.#sendBytes)
    check('raise the buffer of a netlink socket', setsockopt(this.#fd, SOL_SOCKET, SO_SNDBUFFORCE, this.#option, 4))
  }

  #collectRefusals(action: string, frames: readonly Frame[]): (KernelError | undefined)[] {
    return collectRefusals({
      action,
      sequences: frames.map(({ sequence }) => sequence),
      receive: () => this.#receive(action),
      passOn: (frame) => this.#passOn(frame),
    })
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
