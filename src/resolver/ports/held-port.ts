import { isDeepStrictEqual } from 'node:util'
import { EngineError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { lazily } from '../../kernel/lazily.ts'
import type { Poller } from '../../kernel/poller.ts'
import { DatagramBatch } from '../../kernel/sockets/datagrams.ts'
import type { PortProtocol } from '../protocol.ts'
import type { PortProxy, ProxyTarget, ProxyTargets } from './port-proxy.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { UdpProxy } from './udp-proxy.ts'

const proxySlots = 16
const datagramMax = 65_535

/** What the proxies of all ports share. */
export interface ProxyParts {
  readonly poller: Poller
  readonly log: Log
}

const sharedBatch = lazily(() => new DatagramBatch({ slots: proxySlots, slotBytes: datagramMax, destinations: true }))

/** A port that is held: a bound socket, which costs no more than a descriptor unless it is proxied. */
export class HeldPort {
  readonly fd: number
  readonly #protocol: PortProtocol
  /** `"*"`: both families. */
  readonly #address: string
  #holders: number
  #targets: ProxyTargets = {}
  #proxy: PortProxy | undefined

  /** @param parts.address what the socket is bound to; `"*"`: two addresses hold it */
  constructor({ fd, protocol, address }: { fd: number; protocol: PortProtocol; address: string }) {
    this.fd = fd
    this.#protocol = protocol
    this.#address = address
    this.#holders = address === '*' ? 2 : 1
  }

  /**
   * What comes by the family of `address` is to be carried to `target`; without one, no more.
   *
   * @returns whether `serve` has to be called; what comes until then waits in the kernel
   */
  carry(address: string, target: ProxyTarget | undefined): boolean {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    if (isDeepStrictEqual(this.#targets[family], target)) return false
    const { [family]: _, ...others } = this.#targets
    this.#targets = target === undefined ? others : { ...others, [family]: target }
    if (this.#isCarried) this.#proxy?.retarget(this.#targets)
    else this.#stop()
    return this.#isCarried && this.#proxy === undefined
  }

  /** Opens the proxy that `carry` asked for, if it is still wanted. */
  serve(parts: ProxyParts): void {
    if (this.#holders > 0 && this.#isCarried) this.#proxy ??= this.#openProxy(parts)
  }

  get #isCarried(): boolean {
    return this.#targets.ipv4 !== undefined || this.#targets.ipv6 !== undefined
  }

  #openProxy({ poller, log }: ProxyParts): PortProxy {
    const { fd } = this
    const targets = this.#targets
    if (this.#protocol === 'tcp') return new TcpProxy({ fd, targets, poller, log })
    if (this.#protocol === 'sctp') {
      throw new EngineError('not-implemented', 'Cannot proxy a port: SCTP has no userland proxy')
    }
    const hostAddress = this.#address === '*' ? '::' : this.#address
    return new UdpProxy({ fd, hostAddress, targets, poller, batch: sharedBatch(), log })
  }

  #stop(): void {
    this.#proxy?.[Symbol.dispose]()
    this.#proxy = undefined
  }

  /**
   * One of those that hold it lets go: the address that it was held for is carried no more.
   *
   * @returns whether nobody holds it now: then the caller closes the descriptor
   */
  leave(address: string): boolean {
    this.carry(address, undefined)
    this.#holders--
    return this.#holders === 0
  }
}
