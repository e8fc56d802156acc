import type { Poller } from '../../kernel/poller.ts'
import type { HostAddress } from '../protocol.ts'
import { openDnsSockets } from '../serving/dns-sockets.ts'
import { TcpService } from '../serving/tcp-service.ts'
import type { UdpService } from '../serving/udp-service.ts'
import type { HostNames } from './host-names.ts'
import { HostResponder } from './host-responder.ts'

/** What a resolver for the host needs from its surroundings. */
export interface HostResolverParts {
  readonly names: HostNames
  readonly poller: Poller
  readonly udpService: UdpService
}

/** The resolver for the host's own programs: sockets on one address of the host, while somebody wants it. */
export class HostResolver implements Disposable {
  readonly #parts: HostResolverParts
  #serving: (Disposable & HostAddress) | undefined

  constructor(parts: HostResolverParts) {
    this.#parts = parts
  }

  /** Serves on this address from now on, and on no other. @throws {KernelError} `EADDRINUSE`, … ; then all is as before */
  put({ address, port }: HostAddress): void {
    if (this.#serving?.address === address && this.#serving.port === port) return
    const next = this.#open(address, port)
    this.remove()
    this.#serving = next
  }

  /** Absent is success. */
  remove(): void {
    this.#serving?.[Symbol.dispose]()
    this.#serving = undefined
  }

  #open(address: string, port: number): Disposable & HostAddress {
    using undo = new DisposableStack()
    const { names, poller, udpService } = this.#parts
    const responder = new HostResponder(names)
    const { udp, tcp } = undo.use(openDnsSockets(address, port))
    const tcpService = undo.use(new TcpService(responder))
    let open = true
    undo.use(poller.watch(udp, 'read', () => udpService.serve(udp, responder, () => open)))
    undo.use(poller.watch(tcp, 'read', () => tcpService.accept(tcp)))
    undo.defer(() => {
      open = false
    })
    const owned = undo.move()
    return { address, port, [Symbol.dispose]: () => owned.dispose() }
  }

  [Symbol.dispose](): void {
    this.remove()
  }
}
