import { EngineError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Poller } from '../kernel/poller.ts'
import { DnsCounts } from './counts.ts'
import { Forwarder } from './forward/forwarder.ts'
import { ReplyCache } from './forward/reply-cache.ts'
import { ServerPool } from './forward/server-pool.ts'
import { createDatagramBuffer } from './forward/upstream-socket.ts'
import { HostNames } from './host/host-names.ts'
import { HostResolver } from './host/host-resolver.ts'
import { Ports } from './ports/ports.ts'
import { protocolVersion, type ResolverRequest } from './protocol.ts'
import { Sandboxes } from './sandboxes.ts'
import { NameTable } from './serving/names.ts'
import { UdpService } from './serving/udp-service.ts'
import type { Trace } from './trace.ts'

/** How often is looked for containers that have gone without a word. */
const sweepMs = 10_000

/** What a resolver is built from. */
export interface ResolverParts {
  readonly poller: Poller
  readonly log: Log
  readonly trace?: (sandbox: string) => Trace
  /** Called when the daemon wants the resolver to end. */
  readonly onExit: () => void
}

/** Names, containers and ports, as the daemon last told them. */
export class Resolver implements Disposable {
  readonly #onExit: () => void
  readonly #log: Log
  readonly #counts = new DnsCounts()
  readonly #names = new NameTable()
  readonly #hostNames = new HostNames()
  readonly #host: HostResolver
  readonly #sandboxes: Sandboxes
  readonly #ports: Ports
  readonly #owned = new DisposableStack()

  constructor({ poller, log, trace, onExit }: ResolverParts) {
    this.#onExit = onExit
    this.#log = log
    const buffer = createDatagramBuffer()
    const hostServers = this.#owned.use(new ServerPool({ poller, buffer, namespace: undefined }))
    const forwarder = new Forwarder({ cache: new ReplyCache() })
    const services = { forwarder, udpService: new UdpService(), counts: this.#counts }
    const shared = { names: this.#names, poller, buffer, hostServers, ...services }
    this.#sandboxes = this.#owned.use(new Sandboxes(trace === undefined ? shared : { ...shared, trace }))
    this.#host = this.#owned.use(new HostResolver({ ...shared, names: this.#hostNames }))
    this.#ports = this.#owned.use(new Ports({ poller, log }))
    const sweep = setInterval(() => this.#sandboxes.sweep(), sweepMs).unref()
    this.#owned.defer(() => clearInterval(sweep))
  }

  /** Does a container's work once, before there is one; says it now when this machine cannot. */
  warmUp(): void {
    try {
      this.#sandboxes.warmUp()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      this.#log.warn('containers will have no names', { error: error.message })
    }
  }

  /** Does what the daemon asks. @returns the answer of those requests that have one */
  handle(request: ResolverRequest): unknown {
    switch (request.do) {
      case 'hello':
        return { version: protocolVersion, pid: process.pid }
      case 'put-sandbox':
        return this.#sandboxes.put(request.sandbox)
      case 'remove-sandbox':
        return this.#sandboxes.remove(request.id)
      case 'put-endpoint':
        this.#hostNames.put(request.endpoint)
        return this.#names.put(request.endpoint)
      case 'remove-endpoint':
        this.#hostNames.remove(request.id)
        return this.#names.remove(request.id)
      case 'put-host':
        return this.#host.put(request.host)
      case 'remove-host':
        return this.#host.remove()
      case 'reserve-ports':
        return this.#ports.reserve(request.ports)
      case 'release-ports':
        return this.#ports.release(request.ports)
      case 'retain':
        this.#sandboxes.retain(new Set(request.sandboxes))
        this.#names.retain(new Set(request.endpoints))
        this.#hostNames.retain(new Set(request.endpoints))
        return this.#ports.retain(request.ports)
      case 'count':
        return this.#counts.read()
      case 'exit':
        return this.#onExit()
    }
  }

  [Symbol.dispose](): void {
    this.#owned.dispose()
  }
}
