import { closeSync } from 'node:fs'
import { KernelError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import type { Poller } from '../../kernel/poller.ts'
import { connectSocket, openSocket, receiveDatagram, sendDatagram } from '../../kernel/sockets/sockets.ts'
import { inNamespace } from '../in-namespace.ts'

/** Called with a datagram that bears the question's id, or with `undefined` when nobody is there. */
export type ReplyListener = (datagram: Buffer | undefined) => void

const datagramMax = 65_535

/** What a socket to a server needs from its surroundings. */
export interface UpstreamSocketParts {
  readonly poller: Poller
  readonly namespace: NetworkNamespace | undefined
  readonly address: string
  readonly buffer: Buffer
  readonly onClose: () => void
}

/**
 * One connected UDP socket to a DNS server: the kernel chose its port at random, and lets through only what comes
 * from that server.
 *
 * Its user retires it after some questions; it closes when the last one of them is done with.
 */
export class UpstreamSocket {
  readonly #fd: number
  readonly #watch: Disposable
  readonly #waiting = new Map<number, ReplyListener>()
  readonly #buffer: Buffer
  readonly #onClose: () => void
  #retired = false
  #open = true

  /** @throws {KernelError} `ENETUNREACH` when there is no way to the server */
  constructor(parts: UpstreamSocketParts) {
    this.#buffer = parts.buffer
    this.#onClose = parts.onClose
    this.#fd = inNamespace(parts.namespace, () => openConnected(parts.address))
    this.#watch = parts.poller.watch(this.#fd, 'read', () => this.#receive())
  }

  /** True when no question with this id waits. */
  isFree(id: number): boolean {
    return !this.#waiting.has(id)
  }

  /** Sends a query whose id is free; `listener` hears every datagram with that id until `forget`. */
  ask(id: number, query: Buffer, listener: ReplyListener): void {
    this.#waiting.set(id, listener)
    try {
      sendDatagram(this.#fd, query)
    } catch (error) {
      this.#waiting.delete(id)
      throw error
    }
  }

  forget(id: number): void {
    this.#waiting.delete(id)
    if (this.#retired && this.#waiting.size === 0) this.close()
  }

  /** Closes now, or when the last question is done with. */
  retire(): void {
    this.#retired = true
    if (this.#waiting.size === 0) this.close()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch[Symbol.dispose]()
    closeSync(this.#fd)
    this.#onClose()
  }

  #receive(): void {
    try {
      const length = receiveDatagram(this.#fd, this.#buffer)
      if (length === undefined || length < 2) return
      this.#waiting.get(this.#buffer.readUInt16BE(0))?.(Buffer.from(this.#buffer.subarray(0, length)))
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      for (const listener of [...this.#waiting.values()]) listener(undefined)
    }
  }
}

/** A buffer that fits what any server may send; sockets of one thread share it. */
export function createDatagramBuffer(): Buffer {
  return Buffer.alloc(datagramMax)
}

function openConnected(address: string): number {
  const fd = openSocket('udp', address)
  try {
    connectSocket(fd, address, 53)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return fd
}
