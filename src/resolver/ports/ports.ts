import { isErrno, KernelError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { descriptorLimit } from '../../kernel/descriptors.ts'
import type { Poller } from '../../kernel/poller.ts'
import { closeAll, PortSockets } from '../../kernel/sockets/port-sockets.ts'
import type { PortProtocol, PortRange, PortReservation } from '../protocol.ts'
import { HeldPort, type ProxyParts } from './held-port.ts'
import { PortRefused } from './port-refused.ts'

const any = { ipv4: '0.0.0.0', ipv6: '::' } as const

/** Descriptors that are never used to hold ports: names, and connections that are carried, need some, too. */
const spareDescriptors = 2048

/** About 1 ms of work. */
const proxiesAtOnce = 200

/** What one owner holds on one address, by number. */
type Holdings = Map<number, HeldPort>

/** The host ports that containers have published, and the few userland proxies. */
export class Ports implements Disposable {
  readonly #proxies: ProxyParts
  /** By owner, protocol and address. A socket for both families is there twice. */
  readonly #held = new Map<string, Holdings>()
  readonly #socketsMax: number
  #sockets = 0
  /** Those whose proxy is still to be opened: what comes meanwhile waits in the kernel. */
  readonly #waiting: HeldPort[] = []
  #turn: NodeJS.Immediate | undefined

  constructor({ poller, log, descriptors = descriptorLimit() }: { poller: Poller; log: Log; descriptors?: number }) {
    this.#proxies = { poller, log }
    this.#socketsMax = Math.max(descriptors - spareDescriptors, descriptors / 2)
  }

  /**
   * Holds ports, or changes where held ones are carried to. All of them or none.
   *
   * @throws {PortRefused} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EPROTONOSUPPORT`, `EMFILE`, …; what was held
   *   before stays so
   */
  reserve(requests: readonly PortReservation[]): void {
    const fresh: PortRange[] = []
    try {
      for (const request of requests) this.#hold(request, fresh)
      for (const request of requests) this.#carry(request)
      this.#serveSome()
    } catch (error) {
      this.release(fresh)
      throw error
    }
  }

  /** Lets go of ports; those that are not held are no mistake. */
  release(ranges: readonly PortRange[]): void {
    const closed: number[] = []
    for (const range of ranges) {
      for (const address of addressesOf(range)) {
        const holdings = this.#holdings(range, address)
        for (let i = 0; i < range.count; i++) {
          const held = holdings.get(range.hostPort + i)
          if (held === undefined) continue
          holdings.delete(range.hostPort + i)
          if (held.leave(address)) closed.push(held.fd)
        }
        if (holdings.size === 0) this.#held.delete(groupOf(range, address))
      }
    }
    this.#sockets -= closed.length
    closeAll(closed)
  }

  /** Releases every port that is not named. */
  retain(ranges: readonly PortRange[]): void {
    const wanted = Map.groupBy(
      ranges.flatMap((range) => addressesOf(range).map((address) => ({ range, group: groupOf(range, address) }))),
      ({ group }) => group,
    )
    for (const [group, holdings] of this.#held) {
      const kept = new Set(wanted.get(group)?.flatMap(({ range }) => portsOf(range)))
      const [owner = '', protocol = '', hostAddress = ''] = group.split(' ')
      const gone = Array.from(holdings.keys())
        .filter((port) => !kept.has(port))
        .map((hostPort) => ({ owner, protocol: protocol as PortProtocol, hostAddress, hostPort, count: 1 }))
      this.release(gone)
    }
  }

  #hold(request: PortReservation, fresh: PortRange[]): void {
    const addresses = addressesOf(request)
    const all = addresses.map((address) => this.#holdings(request, address))
    const openers = new Map<string, PortSockets>()
    for (const hostPort of portsOf(request)) {
      const missing = addresses.filter((_, i) => !all[i]!.has(hostPort))
      if (missing.length === 0) continue
      const address = missing.length === 2 ? '*' : missing[0]!
      const sockets = openers.get(address) ?? new PortSockets(request.protocol, address)
      openers.set(address, sockets)
      const held = this.#open(sockets, request, address, hostPort)
      for (const [i, one] of addresses.entries()) if (missing.includes(one)) all[i]!.set(hostPort, held)
      fresh.push({ ...request, hostAddress: address, hostPort, count: 1 })
    }
  }

  #open(sockets: PortSockets, { protocol }: PortReservation, address: string, port: number): HeldPort {
    try {
      if (this.#sockets >= this.#socketsMax) {
        throw new KernelError('hold a port', 'EMFILE', `${this.#socketsMax} are held (RLIMIT_NOFILE)`)
      }
      const fd = sockets.open(port)
      this.#sockets++
      return new HeldPort({ fd, protocol, address })
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      const hostAddress = address === '*' ? culprit(protocol, port, error) : address
      throw new PortRefused({ protocol, hostAddress, hostPort: port }, error.errno, error.message)
    }
  }

  #carry(request: PortReservation): void {
    const { proxyTo } = request
    for (const address of addressesOf(request)) {
      const isCarried = proxyTo !== undefined && (request.hostAddress !== '*' || address === any.ipv6)
      const holdings = this.#holdings(request, address)
      for (let i = 0; i < request.count; i++) {
        const target = isCarried ? { ...proxyTo, port: proxyTo.port + i } : undefined
        const held = holdings.get(request.hostPort + i)
        if (held?.carry(address, target)) this.#waiting.push(held)
      }
    }
  }

  /** Opens proxies a few at a time: thousands must not keep names from being answered. */
  #serveSome(): void {
    for (const held of this.#waiting.splice(0, proxiesAtOnce)) held.serve(this.#proxies)
    if (this.#waiting.length > 0) this.#serveSoon()
  }

  #serveSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined
      this.#serveSome()
    })
  }

  #holdings(range: PortRange, address: string): Holdings {
    const group = groupOf(range, address)
    const holdings = this.#held.get(group) ?? new Map<number, HeldPort>()
    this.#held.set(group, holdings)
    return holdings
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#turn)
    this.retain([])
  }
}

function groupOf({ owner, protocol }: PortRange, address: string): string {
  return `${owner} ${protocol} ${address}`
}

function addressesOf({ hostAddress }: PortRange): readonly string[] {
  return hostAddress === '*' ? [any.ipv4, any.ipv6] : [hostAddress]
}

function portsOf({ hostPort, count }: PortRange): number[] {
  return Array.from({ length: count }, (_, i) => hostPort + i)
}

/** Which family a socket for both was refused for. */
function culprit(protocol: PortProtocol, port: number, error: KernelError): string {
  if (!isErrno(error, 'EADDRINUSE')) return any.ipv6
  try {
    closeAll([new PortSockets(protocol, any.ipv4).open(port)])
    return any.ipv6
  } catch (refused) {
    if (!(refused instanceof KernelError)) throw refused
    return any.ipv4
  }
}
