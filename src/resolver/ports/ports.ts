import { closeSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { EngineError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { DatagramBatch } from '../../kernel/datagrams.ts'
import type { Poller } from '../../kernel/poller.ts'
import {
  allowReuse,
  bindSocket,
  limitReceiveBuffer,
  listenSocket,
  localPort,
  openSocket,
} from '../../kernel/sockets.ts'
import type { PortReservation } from '../protocol.ts'
import type { PortProxy } from './port-proxy.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { UdpProxy } from './udp-proxy.ts'

const backlog = 512
const proxySlots = 16
const datagramMax = 65_535

/** A port that is held: a bound socket, which costs no more than a descriptor unless it is proxied. */
interface HeldPort {
  request: PortReservation
  readonly fd: number
  readonly hostPort: number
  proxy: PortProxy | undefined
}

/** The host ports that containers have published, and the few userland proxies. */
export class Ports implements Disposable {
  readonly #poller: Poller
  readonly #log: Log
  readonly #held = new Map<string, HeldPort>()
  #batch: DatagramBatch | undefined

  constructor({ poller, log }: { poller: Poller; log: Log }) {
    this.#poller = poller
    this.#log = log
  }

  /**
   * Holds a port, or changes where a held one is carried to.
   *
   * @returns the port, also when it was left to the kernel
   * @throws {KernelError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EPROTONOSUPPORT`; what was held before stays so
   */
  reserve(request: PortReservation): number {
    const held = this.#held.get(request.key)
    if (held !== undefined && holds(held, request)) {
      this.#setProxy(held, request)
      held.request = request
      return held.hostPort
    }
    const fresh = this.#hold(request)
    this.release(request.key)
    this.#held.set(request.key, fresh)
    return fresh.hostPort
  }

  release(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    held.proxy?.[Symbol.dispose]()
    closeSync(held.fd)
  }

  /** Releases every port that is not named. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#held.keys()) if (!keys.has(key)) this.release(key)
  }

  #hold(request: PortReservation): HeldPort {
    using undo = new DisposableStack()
    const fd = undo.adopt(openSocket(request.protocol, request.hostAddress), closeSync)
    if (request.protocol !== 'udp') allowReuse(fd)
    else if (request.proxyTo === undefined) limitReceiveBuffer(fd, 0) // nobody will read what strays here
    bindSocket(fd, request.hostAddress, request.hostPort)
    if (request.protocol !== 'udp') listenSocket(fd, backlog)
    const held: HeldPort = { request, fd, hostPort: localPort(fd), proxy: undefined }
    this.#setProxy(held, request)
    undo.move()
    return held
  }

  #setProxy(held: HeldPort, { proxyTo, protocol, hostAddress }: PortReservation): void {
    if (proxyTo === undefined) {
      held.proxy?.[Symbol.dispose]()
      held.proxy = undefined
    } else if (held.proxy === undefined) held.proxy = this.#openProxy(held.fd, protocol, hostAddress, proxyTo)
    else if (!isDeepStrictEqual(held.request.proxyTo, proxyTo)) held.proxy.retarget(proxyTo)
  }

  #openProxy(
    fd: number,
    protocol: PortReservation['protocol'],
    hostAddress: string,
    target: NonNullable<PortReservation['proxyTo']>,
  ): PortProxy {
    const log = this.#log
    if (protocol === 'tcp') return new TcpProxy({ fd, target, log })
    if (protocol === 'sctp') throw new EngineError('not-implemented', 'Cannot proxy a port: SCTP has no userland proxy')
    limitReceiveBuffer(fd, 2 ** 18)
    this.#batch ??= new DatagramBatch({ slots: proxySlots, slotBytes: datagramMax, destinations: true })
    return new UdpProxy({ fd, hostAddress, target, poller: this.#poller, batch: this.#batch, log })
  }

  [Symbol.dispose](): void {
    this.retain(new Set())
  }
}

/** A daemon that comes back may ask by number for what it had left to the kernel. */
function holds({ request, hostPort }: HeldPort, wanted: PortReservation): boolean {
  const sameAddress = request.protocol === wanted.protocol && request.hostAddress === wanted.hostAddress
  return sameAddress && (wanted.hostPort === 0 || wanted.hostPort === hostPort)
}
