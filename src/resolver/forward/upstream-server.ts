import { KernelError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import type { Poller } from '../../kernel/poller.ts'
import { fillRandom } from '../../kernel/random.ts'
import { type ReplyListener, UpstreamSocket } from './upstream-socket.ts'
import { askByTcp } from './upstream-tcp.ts'

/** Questions that share a socket, and so a source port. */
const questionsPerSocket = 32
/** Milliseconds after which the next question gets a new port, however few were asked. */
const socketLifeMs = 1000

/** What a server needs from its surroundings. */
export interface UpstreamParts {
  readonly poller: Poller
  /** Shared: a datagram is copied out before the next one comes. */
  readonly buffer: Buffer
  /** Whose network it is asked from; the resolver's own when there is none. */
  readonly namespace: NetworkNamespace | undefined
}

/** One DNS server that we ask, by UDP from ports that change all the time, or by TCP. */
export class UpstreamServer implements Disposable {
  readonly address: string
  /** True while its last question went unanswered: nobody waits for its opinion then. */
  silent = false
  readonly #parts: UpstreamParts
  readonly #random = Buffer.alloc(256)
  #randomUsed = this.#random.length
  #socket: UpstreamSocket | undefined
  #questions = 0
  #since = 0
  /** Retired sockets whose questions are not done with. */
  readonly #open = new Set<UpstreamSocket>()

  constructor(address: string, parts: UpstreamParts) {
    this.address = address
    this.#parts = parts
  }

  /**
   * Sends a query under an id of our choice, written into its first two bytes.
   *
   * @param listener  hears every datagram that bears the id; `undefined`: the server is not there
   * @returns ends the listening; `undefined` when the query could not be sent
   */
  ask(query: Buffer, listener: ReplyListener): (() => void) | undefined {
    try {
      const socket = this.#currentSocket()
      let id = this.#randomId()
      while (!socket.isFree(id)) id = this.#randomId()
      query.writeUInt16BE(id, 0)
      socket.ask(id, query, listener)
      return () => socket.forget(id)
    } catch (error) {
      if (error instanceof KernelError) return undefined // no route, no buffer: other servers may be luckier
      throw error
    }
  }

  /** Asks again over TCP what did not fit into a datagram. `done` gets `undefined` when that fails. */
  askByTcp(query: Buffer, timeoutMs: number, done: ReplyListener): void {
    askByTcp({ address: this.address, namespace: this.#parts.namespace, query, timeoutMs }, done)
  }

  #currentSocket(): UpstreamSocket {
    const now = performance.now()
    if (this.#socket !== undefined && this.#questions < questionsPerSocket && now - this.#since < socketLifeMs) {
      this.#questions++
      return this.#socket
    }
    this.#socket?.retire()
    this.#socket = undefined
    const { poller, namespace, buffer } = this.#parts
    const socket = new UpstreamSocket({
      poller,
      namespace,
      buffer,
      address: this.address,
      onClose: () => this.#open.delete(socket),
    })
    this.#open.add(socket)
    this.#socket = socket
    this.#questions = 1
    this.#since = now
    return socket
  }

  #randomId(): number {
    if (this.#randomUsed === this.#random.length) {
      fillRandom(this.#random)
      this.#randomUsed = 0
    }
    this.#randomUsed += 2
    return this.#random.readUInt16LE(this.#randomUsed - 2)
  }

  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.close()
    this.#socket = undefined
  }
}
