import type { NetworkNamespace } from '../../../kernel/namespace.ts'
import { ensureForwardingEntry } from '../../../kernel/netlink/forwarding-entries.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import type { Poller } from '../../../kernel/poller.ts'
import { FrameSocket } from '../../../kernel/sockets/packets.ts'
import {
  decodeHeartbeat,
  encodeHeartbeat,
  ethernetHeaderBytes,
  type Heartbeat,
  heartbeatEthertype,
} from '../../../wire/heartbeat.ts'
import type { CablePlace } from '../../driver.ts'

/** Frames that are taken at once, and the pause after so many: a container that sends some all the time must not keep the engine busy. */
const mostAtOnce = 64
const pauseMs = 100
const largestFrame = 65_535 + ethernetHeaderBytes

/** What is received is read here, by one line after the other. */
const received = Buffer.alloc(largestFrame)

/** What a line is made of. */
export interface LineParts {
  /** The hardware address that this host answers by. */
  readonly mac: string
  readonly poller: Poller
  readonly hear: (heartbeat: Heartbeat) => void
}

/**
 * This host's end of a network's heartbeats: a socket on the network's bridge, so that frames go the whole way that
 * those of containers go: bridge, tunnel, wire, tunnel, bridge.
 */
export class Line implements Disposable {
  readonly #parts: LineParts
  #socket: FrameSocket | undefined
  #watch: Disposable | undefined
  #pause: NodeJS.Timeout | undefined
  /** Which bridge it is on: namespace and interface index. */
  #site = ''
  #bytes = 0

  constructor(parts: LineParts) {
    this.#parts = parts
  }

  /** Bytes of the largest packet that the bridge lets through; 0 while there is none. */
  get bytes(): number {
    return this.#bytes
  }

  /** Looks where the bridge is now, and makes sure that it hands our frames to us. @param place undefined: there is none */
  look(place: CablePlace | undefined): void {
    const link = place && findLink(place.netlink, place.bridge)
    if (place === undefined || link === undefined) {
      this.#close()
      return
    }
    const { namespace, netlink } = place
    ensureForwardingEntry(netlink, { index: link.index, mac: this.#parts.mac, place: 'self' })
    this.#bytes = link.mtu
    const site = `${namespace.inode} ${link.index}`
    if (site === this.#site) return
    this.#close() // of a namespace that is no longer the network's: it ends with the last who holds it
    this.#open(namespace, link.index)
    this.#bytes = link.mtu
    this.#site = site
  }

  /** What the kernel does not take is as good as lost. */
  send(heartbeat: Omit<Heartbeat, 'from' | 'time'>): void {
    this.#socket?.send(encodeHeartbeat({ ...heartbeat, from: this.#parts.mac, time: Date.now() }))
  }

  #open(namespace: NetworkNamespace, index: number): void {
    this.#socket = FrameSocket.open(namespace, index, heartbeatEthertype)
    this.#listen()
  }

  #listen(): void {
    const socket = this.#socket
    if (socket !== undefined) this.#watch = this.#parts.poller.watch(socket.fd, 'read', () => this.#take(socket))
  }

  #take(socket: FrameSocket): void {
    for (let taken = 0; taken < mostAtOnce; taken++) {
      const length = socket.receive(received)
      if (length === undefined) return
      const heartbeat = decodeHeartbeat(received.subarray(0, length))
      if (heartbeat?.to === this.#parts.mac) this.#parts.hear(heartbeat)
      if (this.#socket !== socket) return
    }
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#pause = setTimeout(() => this.#listen(), pauseMs).unref()
  }

  #close(): void {
    clearTimeout(this.#pause)
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#socket?.[Symbol.dispose]()
    this.#socket = undefined
    this.#site = ''
    this.#bytes = 0
  }

  [Symbol.dispose](): void {
    this.#close()
  }
}
