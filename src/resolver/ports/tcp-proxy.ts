import { Socket } from 'node:net'
import { KernelError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Poller } from '../../kernel/poller.ts'
import { acceptConnection } from '../../kernel/sockets/sockets.ts'
import { connectTcp } from '../tcp-connect.ts'
import type { PortProxy, ProxyTargets } from './port-proxy.ts'
import { withTargetNamespace } from './port-proxy.ts'

/** Connections taken in a row before others have their turn. */
const acceptMax = 64

/** Milliseconds to wait for descriptors when there are none: those who want to connect wait in the kernel. */
const breathMs = 100

/** What a TCP proxy is opened with. */
export interface TcpProxyParts {
  /** A listening socket; it stays open, and listening, when the proxy is disposed. */
  readonly fd: number
  readonly targets: ProxyTargets
  readonly poller: Poller
  readonly log: Log
}

/** Carries the TCP connections of one published port to a container, each way until that way is closed. */
export class TcpProxy implements PortProxy {
  readonly #fd: number
  readonly #poller: Poller
  #watch: Disposable
  #breath: NodeJS.Timeout | undefined
  readonly #sockets = new Set<Socket>()
  readonly #log: Log
  #targets: ProxyTargets

  constructor({ fd, targets, poller, log }: TcpProxyParts) {
    this.#fd = fd
    this.#targets = targets
    this.#poller = poller
    this.#log = log
    this.#watch = this.#listen()
  }

  #listen(): Disposable {
    return this.#poller.watch(this.#fd, 'read', () => this.#accept())
  }

  /** Connections that are open stay where they are. */
  retarget(targets: ProxyTargets): void {
    this.#targets = targets
  }

  #accept(): void {
    try {
      for (let count = 0; count < acceptMax; count++) {
        const fd = acceptConnection(this.#fd)
        if (fd === undefined) return
        this.#carry(new Socket({ fd, allowHalfOpen: true, readable: true, writable: true }))
      }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      this.#log.warn('a published port takes no connection for now', { error: error.message })
      this.#watch[Symbol.dispose]()
      this.#breath = setTimeout(() => {
        this.#watch = this.#listen()
      }, breathMs)
    }
  }

  #carry(client: Socket): void {
    client.on('error', () => {}) // it is told to the other side, once there is one
    const target = isIPv4(client.remoteAddress) ? this.#targets.ipv4 : this.#targets.ipv6
    let container: Socket
    try {
      if (target === undefined) throw new Error('this family is not carried')
      container = withTargetNamespace(target, (namespace) => connectTcp(namespace, target.address, target.port))
    } catch (error) {
      this.#log.debug('the target of a published port is not reachable', { error: String(error) })
      client.resetAndDestroy()
      return
    }
    this.#join(client, container)
    this.#join(container, client)
  }

  /** Carries bytes one way. A breakdown of one side is a breakdown for the other, and looks like it there. */
  #join(source: Socket, sink: Socket): void {
    this.#sockets.add(source)
    source.on('close', () => this.#sockets.delete(source))
    source.on('error', () => sink.resetAndDestroy())
    source.pipe(sink)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#breath)
    this.#watch[Symbol.dispose]()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** A socket for both families writes an IPv4 address as `::ffff:192.0.2.1`. A client that has gone has none. */
function isIPv4(address = ''): boolean {
  return address.startsWith('::ffff:') || !address.includes(':')
}
