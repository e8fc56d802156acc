import { setTimeout as delay } from 'node:timers/promises'
import type { Background } from '../../base/background.ts'
import type { Log } from '../../base/log.ts'
import { sharesMounts } from '../../kernel/processes/processes.ts'
import type { ResolverCounts } from '../../resolver/counts.ts'
import { PortRefused } from '../../resolver/ports/port-refused.ts'
import {
  type HostAddress,
  type NamedEndpoint,
  type PortRange,
  type PortReservation,
  protocolVersion,
  type ResolverRequest,
  type SandboxSetup,
} from '../../resolver/protocol.ts'
import { inBlocks, SaidPorts } from '../ports/said-ports.ts'
import { ConnectionLost, type ResolverConnection } from './resolver-connection.ts'
import { type ResolverPlace, reachResolver } from './resolver-process.ts'

const attempts = 3
/** Ports of one request: about 10 ms of work, in which no name is answered. */
const blockPorts = 1000
/** Milliseconds between two tries to reach a resolver that could not be started. */
const retryMs = 1000

/** What `ResolverClient` is made of. */
export interface ResolverClientParts {
  readonly place: ResolverPlace
  readonly background: Background
  readonly log: Log
}

/**
 * The daemon's end of the conversation with `wharf resolver`.
 *
 * It remembers all that it said, and says it again to a resolver that is new. A request that was on its way when the
 * resolver went is repeated.
 */
export class ResolverClient implements Disposable {
  readonly #place: ResolverPlace
  readonly #background: Background
  readonly #log: Log
  readonly #sandboxes = new Map<string, SandboxSetup>()
  readonly #endpoints = new Map<string, NamedEndpoint>()
  #host: HostAddress | undefined
  readonly #ports = new SaidPorts()
  readonly #closing = new AbortController()
  #connection: Promise<ResolverConnection> | undefined

  constructor({ place, background, log }: ResolverClientParts) {
    this.#place = place
    this.#background = background
    this.#log = log
  }

  /** Serves a container's names, or changes how. */
  async putSandbox(setup: SandboxSetup): Promise<void> {
    this.#sandboxes.set(setup.id, setup)
    await this.#ask({ do: 'put-sandbox', sandbox: setup })
  }

  /** Absent is success. */
  async removeSandbox(id: string): Promise<void> {
    if (this.#sandboxes.delete(id)) await this.#ask({ do: 'remove-sandbox', id })
  }

  async putEndpoint(endpoint: NamedEndpoint): Promise<void> {
    this.#endpoints.set(endpoint.id, endpoint)
    await this.#ask({ do: 'put-endpoint', endpoint })
  }

  /** Absent is success. */
  async removeEndpoint(id: string): Promise<void> {
    if (this.#endpoints.delete(id)) await this.#ask({ do: 'remove-endpoint', id })
  }

  /** Like `putEndpoint`, but starts no resolver that nobody needs: it is told once it is there. */
  async announce(endpoint: NamedEndpoint): Promise<void> {
    this.#endpoints.set(endpoint.id, endpoint)
    if (this.#connection !== undefined) await this.#ask({ do: 'put-endpoint', endpoint })
  }

  /** Absent is success. Starts no resolver. */
  async withdraw(id: string): Promise<void> {
    if (this.#endpoints.delete(id) && this.#connection !== undefined) await this.#ask({ do: 'remove-endpoint', id })
  }

  /** Answers the host's own programs there; nowhere when there is no address. @throws {KernelError} `EADDRINUSE`, … */
  async serveHost(host: HostAddress | undefined): Promise<void> {
    if (host === undefined) {
      this.#host = undefined
      if (this.#connection !== undefined) await this.#ask({ do: 'remove-host' })
      return
    }
    await this.#ask({ do: 'put-host', host })
    this.#host = host
  }

  /** Holds ports that nobody holds, all of them or none. @throws {PortRefused} `EADDRINUSE`, `EADDRNOTAVAIL`, … */
  async reserve(ports: readonly PortReservation[]): Promise<void> {
    try {
      await this.retarget(ports)
    } catch (error) {
      await this.release(ports)
      throw error
    }
  }

  /** Like `reserve`, for ports that are held: they are carried elsewhere now. */
  async retarget(ports: readonly PortReservation[]): Promise<void> {
    this.#ports.add(ports)
    await this.#askInTurn(inBlocks(ports, blockPorts).map((block) => ({ do: 'reserve-ports', ports: block })))
  }

  /** Absent is success. */
  async release(ranges: readonly PortRange[]): Promise<void> {
    if (!this.#ports.remove(ranges)) return
    await this.#askInTurn(inBlocks(ranges, blockPorts).map((block) => ({ do: 'release-ports', ports: block })))
  }

  /** Takes what an earlier engine said for said again, and lets go of the rest of what it had said. */
  async replay(state: {
    readonly sandboxes: readonly SandboxSetup[]
    readonly endpoints: readonly NamedEndpoint[]
    readonly ports: readonly PortReservation[]
  }): Promise<void> {
    const tasks = [
      ...state.endpoints.map((endpoint) => this.putEndpoint(endpoint)),
      ...state.sandboxes.map((sandbox) => this.putSandbox(sandbox)),
      this.#sayPortsAgain(state.ports),
    ]
    for (const outcome of await Promise.allSettled(tasks)) {
      if (outcome.status === 'rejected') this.#log.error('cannot tell the resolver', { error: outcome.reason })
    }
    await this.#ask({
      do: 'retain',
      sandboxes: [...this.#sandboxes.keys()],
      endpoints: [...this.#endpoints.keys()],
      ports: this.#ports.list(),
    })
  }

  async #sayPortsAgain(ports: readonly PortReservation[]): Promise<void> {
    this.#ports.add(ports)
    for (const block of inBlocks(ports, blockPorts)) await this.#holdAgain(block, (request) => this.#ask(request))
  }

  /** A port that somebody else took meanwhile must not cost the others. */
  async #holdAgain(
    ports: readonly PortReservation[],
    ask: (request: ResolverRequest) => Promise<unknown>,
  ): Promise<void> {
    try {
      await ask({ do: 'reserve-ports', ports })
    } catch (error) {
      if (!(error instanceof PortRefused)) throw error
      const singles = ports.flatMap((range) => inBlocks([range], 1))
      if (singles.length === 1) this.#log.error('cannot hold a published port', { ...error.port, error })
      else for (const single of singles) await this.#holdAgain(single, ask)
    }
  }

  /** What the resolver has done since it was started; undefined when there is none, or one that does not count. */
  async counts(): Promise<ResolverCounts | undefined> {
    if (this.#connection === undefined) return undefined
    try {
      const connection = await this.#connection
      return (await connection.request({ do: 'count' })) as ResolverCounts // what this request is answered with
    } catch (error) {
      this.#log.debug('cannot count what the resolver does', { error })
      return undefined
    }
  }

  /** Ends the resolver: for tests, and for whoever takes the engine away for good. */
  async exit(): Promise<void> {
    for (const state of [this.#sandboxes, this.#endpoints, this.#ports]) state.clear()
    this.#host = undefined
    const connection = await this.#connected()
    await connection.request({ do: 'exit' })
    await connection.closed
  }

  /** One request is worked on, and the next one is there when it is done. What follows a refusal is not asked. */
  async #askInTurn(requests: readonly ResolverRequest[]): Promise<void> {
    let before: Promise<unknown> = Promise.resolve()
    for (const request of requests) {
      const asked = this.#ask(request)
      asked.catch(() => {}) // told when its turn comes
      await before
      before = asked
    }
    await before
  }

  async #ask(request: ResolverRequest): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected()
      try {
        return await connection.request(request)
      } catch (error) {
        if (!(error instanceof ConnectionLost) || attempt === attempts || this.#closing.signal.aborted) throw error
      }
    }
  }

  #connected(): Promise<ResolverConnection> {
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = undefined
      throw error
    })
    return this.#connection
  }

  async #open(): Promise<ResolverConnection> {
    for (;;) {
      const { connection, hello } = await reachResolver(this.#place, this.#closing.signal)
      const { version, pid } = hello
      if (version === protocolVersion && sharesMounts(pid)) {
        this.#log.debug('reaches the resolver', { pid })
        this.#sayAgain(connection)
        void connection.closed.then(() => this.#lost())
        return connection
      }
      this.#log.info('replaces the resolver', { pid, version, wanted: protocolVersion })
      await connection.request({ do: 'exit' })
      await connection.closed
    }
  }

  /** Goes out before anything that anybody asks on this connection. */
  #sayAgain(connection: ResolverConnection): void {
    const ask = (request: ResolverRequest) => connection.request(request)
    const requests: ResolverRequest[] = [
      ...Array.from(this.#endpoints.values(), (endpoint) => ({ do: 'put-endpoint', endpoint }) as const),
      ...Array.from(this.#sandboxes.values(), (sandbox) => ({ do: 'put-sandbox', sandbox }) as const),
      ...(this.#host === undefined ? [] : [{ do: 'put-host', host: this.#host } as const]),
    ]
    const said = [
      ...requests.map(ask),
      ...inBlocks(this.#ports.list(), blockPorts).map((ports) => this.#holdAgain(ports, ask)),
    ]
    for (const one of said) {
      one.catch((error: unknown) => {
        if (!(error instanceof ConnectionLost)) this.#log.debug('resolver refuses', { error })
      })
    }
  }

  #lost(): void {
    this.#connection = undefined
    if (!this.#isNeeded) return
    this.#log.warn('lost the resolver, starts another')
    this.#background.run('reach the resolver again', () => this.#reachAgain())
  }

  get #isNeeded(): boolean {
    if (this.#closing.signal.aborted) return false
    return this.#sandboxes.size > 0 || !this.#ports.isEmpty || this.#host !== undefined
  }

  /** Containers have no names without it, and nobody need ask for anything meanwhile: it is tried until one is there. */
  async #reachAgain(): Promise<void> {
    while (this.#isNeeded) {
      try {
        await this.#connected()
        return
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#log.error('cannot reach the resolver, tries again', { error })
      }
      await delay(retryMs, undefined, { signal: this.#closing.signal }).catch(() => {}) // closing ends the loop, too
    }
  }

  /** Ends the conversation; the resolver goes on. */
  [Symbol.dispose](): void {
    this.#closing.abort()
    void this.#connection?.then(
      (connection) => connection[Symbol.dispose](),
      () => {}, // there was none
    )
  }
}
