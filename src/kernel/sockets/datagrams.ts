import { addressOf, libcFunction } from '../libc.ts'
import { MSG_DONTWAIT } from './socket-calls.ts'
import { socketAddressBytes } from './sockets.ts'

/** `struct mmsghdr` and `struct iovec` of every 64-bit Linux. @source recvmmsg(2), readv(2) */
const headerBytes = 64
const vectorBytes = 16
const at = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  received: 56,
} as const
const controlBytes = 64

const recvmmsg = libcFunction('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)')
const sendmmsg = libcFunction('int sendmmsg(int fd, void *messages, unsigned int count, int flags)')

/** Stands for the length of a slot that is not to be sent. */
export const notSent = -1

/** The other side of a datagram: `struct sockaddr`, and control data that tells which address of ours it used. */
export interface Peer {
  readonly name: Buffer
  readonly control: Buffer
}

/**
 * Receives datagrams, many in one call, and sends them back the way they came, also many in one call.
 *
 * The buffers are made once and used for every socket in turn: what `receive` brought is good until the next one.
 */
export class DatagramBatch {
  /** What was received; an answer is written over it. */
  readonly slots: readonly Buffer[]
  readonly #memory: Buffer
  readonly #vectors: Buffer
  readonly #headers: Buffer
  readonly #words: Uint32Array
  readonly #vectorWords: Uint32Array
  /** `struct sockaddr` of whom each slot came from. */
  readonly #names: readonly Buffer[]
  readonly #from: readonly Buffer[]
  readonly #control: Buffer | undefined
  readonly #slotBytes: number
  /** First slot after which nothing was used since the last reset. */
  #used = 0

  /** @param options.destinations  keep which of our addresses each datagram came to, and answer from that one */
  constructor({ slots = 64, slotBytes = 4096, destinations = false } = {}) {
    this.#slotBytes = slotBytes
    this.#memory = Buffer.alloc(slots * slotBytes)
    const names = Buffer.alloc(slots * socketAddressBytes)
    this.#vectors = Buffer.alloc(slots * vectorBytes)
    this.#headers = Buffer.alloc(slots * headerBytes)
    this.#control = destinations ? Buffer.alloc(slots * controlBytes) : undefined
    this.#words = new Uint32Array(this.#headers.buffer, this.#headers.byteOffset, this.#headers.length / 4)
    this.#vectorWords = new Uint32Array(this.#vectors.buffer, this.#vectors.byteOffset, this.#vectors.length / 4)
    const indices = Array.from({ length: slots }, (_, i) => i)
    this.slots = indices.map((i) => this.#memory.subarray(i * slotBytes, (i + 1) * slotBytes))
    this.#names = indices.map((i) => names.subarray(i * socketAddressBytes, (i + 1) * socketAddressBytes))
    this.#from = indices.map((i) => this.#headers.subarray(i * headerBytes))
    for (const i of indices) {
      const header = i * headerBytes
      this.#vectors.writeBigUInt64LE(addressOf(this.#memory) + BigInt(i * slotBytes), i * vectorBytes)
      this.#headers.writeBigUInt64LE(addressOf(names) + BigInt(i * socketAddressBytes), header + at.name)
      this.#headers.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(i * vectorBytes), header + at.vector)
      this.#headers.writeBigUInt64LE(1n, header + at.vectorCount)
      if (this.#control)
        this.#headers.writeBigUInt64LE(addressOf(this.#control) + BigInt(i * controlBytes), header + at.control)
    }
    this.#used = slots
  }

  /** Receives what waits on `fd`, at most one datagram for each slot. @returns how many; 0 also when there was an error */
  receive(fd: number): number {
    for (let i = 0; i < this.#used; i++) {
      this.#setLength(i, this.#slotBytes)
      const header = (i * headerBytes) / 4
      this.#words[header + at.nameLength / 4] = socketAddressBytes
      if (this.#control) this.#words[header + at.controlLength / 4] = controlBytes
    }
    this.#used = Math.max(0, recvmmsg(fd, this.#headers, this.slots.length, MSG_DONTWAIT, null))
    return this.#used
  }

  /** Bytes that slot `i` received. */
  length(i: number): number {
    return this.#words[(i * headerBytes + at.received) / 4]!
  }

  /** Who sent slot `i`, and to which of our addresses: a copy, to be given to `setPeer` later. */
  peer(i: number): Peer {
    const header = (i * headerBytes) / 4
    const controlLength = this.#words[header + at.controlLength / 4]!
    return {
      name: Buffer.from(this.#names[i]!.subarray(0, this.#words[header + at.nameLength / 4])),
      control: Buffer.from(this.#control?.subarray(i * controlBytes, i * controlBytes + controlLength) ?? []),
    }
  }

  /** Makes slot `i` go to somebody else than who sent it. */
  setPeer(i: number, { name, control }: Peer): void {
    const header = (i * headerBytes) / 4
    this.#names[i]!.set(name)
    this.#words[header + at.nameLength / 4] = name.length
    this.#control?.set(control, i * controlBytes)
    this.#words[header + at.controlLength / 4] = control.length
  }

  /**
   * Sends the first `count` slots to their peers. What the kernel does not take is lost, as datagrams are.
   *
   * @param lengths  bytes of each slot; `notSent`: nothing
   */
  reply(fd: number, lengths: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#setLength(i, lengths[i]!)
    for (let i = 0; i < count; ) {
      if (lengths[i] === notSent) {
        i++
        continue
      }
      let end = i + 1
      while (end < count && lengths[end] !== notSent) end++
      const sent = sendmmsg(fd, this.#from[i], end - i, MSG_DONTWAIT)
      i += sent > 0 ? sent : 1 // the one it stopped at is refused; the next may be fine
    }
  }

  #setLength(i: number, bytes: number): void {
    this.#vectorWords[(i * vectorBytes + 8) / 4] = bytes
  }
}
