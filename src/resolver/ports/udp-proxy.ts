import { closeSync } from 'node:fs'
import { KernelError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Poller } from '../../kernel/poller.ts'
import { AF_INET } from '../../kernel/sockets/address-family.ts'
import type { DatagramBatch, Peer } from '../../kernel/sockets/datagrams.ts'
import { connectSocket, openSocket, sendDatagram, tellDestination } from '../../kernel/sockets/sockets.ts'
import { inNamespace } from '../in-namespace.ts'
import { type PortProxy, type ProxyTarget, type ProxyTargets, withTargetNamespace } from './port-proxy.ts'

/** How long a client may be silent before its way back is forgotten, as in Docker. */
const idleMs = 90_000
/** Clients of one port; the one that came first makes room. */
const clientsMax = 1024
const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex')

/** What UDP proxies share and are opened with. */
export interface UdpProxyParts {
  /** A bound socket; it stays open when the proxy is disposed. */
  readonly fd: number
  /** Where it is bound; `"::"` also when it takes both families. */
  readonly hostAddress: string
  readonly targets: ProxyTargets
  readonly poller: Poller
  /** Made with `destinations`: answers leave from the address that the client sent to. */
  readonly batch: DatagramBatch
  readonly log: Log
  readonly idleMs?: number
}

/** Carries the datagrams of one published port, with a socket to the container for each client. */
export class UdpProxy implements PortProxy {
  readonly #parts: UdpProxyParts
  readonly #clients = new Map<string, Client>()
  readonly #lengths: Int32Array
  readonly #watch: Disposable
  #targets: ProxyTargets

  constructor(parts: UdpProxyParts) {
    this.#parts = parts
    this.#targets = parts.targets
    this.#lengths = new Int32Array(parts.batch.slots.length)
    tellDestination(parts.fd, parts.hostAddress)
    this.#watch = parts.poller.watch(parts.fd, 'read', () => this.#fromClients())
  }

  /** Clients are carried to the new target from their next datagram on. */
  retarget(targets: ProxyTargets): void {
    this.#targets = targets
    for (const key of this.#clients.keys()) this.#forget(key)
  }

  #fromClients(): void {
    const { batch, fd, log } = this.#parts
    const count = batch.receive(fd)
    for (let i = 0; i < count; i++) {
      try {
        const peer = batch.peer(i)
        const key = peer.name.toString('latin1')
        const target = isIPv4(peer.name) ? this.#targets.ipv4 : this.#targets.ipv6
        if (target === undefined) continue
        const client = this.#clients.get(key) ?? this.#open(key, peer, target)
        client.idle.refresh()
        sendDatagram(client.fd, batch.slots[i]!.subarray(0, batch.length(i)))
      } catch (error) {
        if (!(error instanceof KernelError)) throw error
        log.debug('a datagram to a published port is lost', { error: error.message })
      }
    }
  }

  #open(key: string, peer: Peer, target: ProxyTarget): Client {
    const { address, port } = target
    const fd = withTargetNamespace(target, (namespace) => inNamespace(namespace, () => openSocket('udp', address)))
    using undo = new DisposableStack()
    undo.defer(() => closeSync(fd))
    connectSocket(fd, address, port)
    const watch = this.#parts.poller.watch(fd, 'read', () => this.#fromContainer(fd, peer))
    undo.move()
    const client = { fd, watch, idle: setTimeout(() => this.#forget(key), this.#parts.idleMs ?? idleMs) }
    this.#clients.set(key, client)
    if (this.#clients.size > clientsMax) this.#forget(this.#clients.keys().next().value!)
    return client
  }

  #fromContainer(fd: number, peer: Peer): void {
    const { batch } = this.#parts
    const count = batch.receive(fd)
    for (let i = 0; i < count; i++) {
      batch.setPeer(i, peer)
      this.#lengths[i] = batch.length(i)
    }
    batch.reply(this.#parts.fd, this.#lengths, count)
  }

  #forget(key: string): void {
    const client = this.#clients.get(key)
    if (client === undefined) return
    this.#clients.delete(key)
    clearTimeout(client.idle)
    client.watch[Symbol.dispose]()
    closeSync(client.fd)
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    for (const key of this.#clients.keys()) this.#forget(key)
  }
}

/** A socket for both families gives an IPv4 address as `::ffff:192.0.2.1`. @source ip(7), ipv6(7) */
function isIPv4(name: Buffer): boolean {
  return name.readUInt16LE(0) === AF_INET || name.subarray(8, 20).equals(mappedPrefix)
}

interface Client {
  readonly fd: number
  readonly watch: Disposable
  readonly idle: NodeJS.Timeout
}
