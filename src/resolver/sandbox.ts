import { fstatSync, statSync } from 'node:fs'
import { NetworkNamespace } from '../kernel/namespace.ts'
import type { Poller } from '../kernel/poller.ts'
import type { DnsCounts } from './counts.ts'
import type { Forwarder, Route } from './forward/forwarder.ts'
import { ServerPool } from './forward/server-pool.ts'
import type { SandboxSetup } from './protocol.ts'
import type { NameTable } from './serving/names.ts'
import { ensureRedirect } from './serving/redirect.ts'
import { Responder, type ResponderSetup } from './serving/responder.ts'
import { openSandboxSockets } from './serving/sandbox-sockets.ts'
import { TcpService } from './serving/tcp-service.ts'
import type { UdpService } from './serving/udp-service.ts'
import { NameView } from './serving/view.ts'
import type { Trace } from './trace.ts'

/** Servers that are asked for one question, as many as Docker asks. */
const serversMax = 3

/** What all sandboxes share. */
export interface SandboxParts {
  readonly names: NameTable
  readonly poller: Poller
  readonly udpService: UdpService
  readonly forwarder: Forwarder
  readonly counts: DnsCounts
  readonly hostServers: ServerPool
  readonly buffer: Buffer
  /** One for each container; absent unless the resolver was started to tell. */
  readonly trace?: (sandbox: string) => Trace
}

/** The resolver of one container: sockets on 127.0.0.11 in its namespace, and what it answers from. */
export class Sandbox implements Disposable {
  /** Identifies the namespace, whatever path leads to it. */
  readonly inode: number
  readonly #parts: SandboxParts
  readonly #netnsPath: string
  readonly #namespace: NetworkNamespace
  readonly #ownServers: ServerPool
  readonly #responder: Responder
  readonly #port: number
  readonly #owned: DisposableStack
  #open = true

  /**
   * @throws {Error} with code `ENOENT` when the path leads nowhere
   * @throws {KernelError} what the kernel refused; nothing is left behind
   */
  constructor(setup: SandboxSetup, parts: SandboxParts) {
    using undo = new DisposableStack()
    const { poller, buffer, udpService, forwarder, counts } = parts
    this.#parts = parts
    this.#netnsPath = setup.netnsPath
    this.#namespace = undo.use(NetworkNamespace.at(setup.netnsPath))
    this.inode = fstatSync(this.#namespace.fd).ino
    const { udp, tcp, port } = undo.use(openSandboxSockets(this.#namespace))
    this.#port = port
    ensureRedirect(this.#namespace, port)
    this.#ownServers = undo.use(new ServerPool({ poller, buffer, namespace: this.#namespace }))
    this.#responder = new Responder({ setup: this.#plan(setup), forwarder, counts, trace: parts.trace?.(setup.id) })
    const tcpService = undo.use(new TcpService(this.#responder))
    const isOpen = () => this.#open
    undo.use(poller.watch(udp, 'read', () => udpService.serve(udp, this.#responder, isOpen)))
    undo.use(poller.watch(tcp, 'read', () => tcpService.accept(tcp)))
    this.#owned = undo.move()
  }

  /** Takes what the daemon says now, and repairs the rules in the namespace. */
  update(setup: SandboxSetup): void {
    this.#responder.setup = this.#plan(setup)
    ensureRedirect(this.#namespace, this.#port)
  }

  /** False when its path leads to no namespace any more, or to another one. */
  isCurrent(): boolean {
    return statSync(this.#netnsPath, { throwIfNoEntry: false })?.ino === this.inode
  }

  #plan(setup: SandboxSetup): ResponderSetup {
    return { view: new NameView(this.#parts.names, setup), route: this.#route(setup), ndotsSet: setup.ndotsSet }
  }

  #route({ id, upstreams, forwardFromHost }: SandboxSetup): Route {
    const asked = upstreams.filter(({ from }) => from === 'sandbox' || forwardFromHost).slice(0, serversMax)
    const pool = (from: 'host' | 'sandbox') => (from === 'host' ? this.#parts.hostServers : this.#ownServers)
    const shared = asked.every(({ from }) => from === 'host')
    return {
      scope: `${shared ? 'host' : id} ${asked.map(({ address }) => address).join(',')}`,
      servers: asked.map(({ address, from }) => pool(from).server(address)),
    }
  }

  [Symbol.dispose](): void {
    this.#open = false
    this.#owned.dispose()
  }
}
