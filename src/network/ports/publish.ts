import { EngineError, isErrno } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import type { PortReservation } from '../../resolver/protocol.ts'
import type { PublishedPort } from '../model.ts'
import type { PortWish } from '../networking.ts'
import { EphemeralPorts } from './ephemeral-ports.ts'
import {
  type HostAddress,
  hasHostPort,
  hostAddresses,
  type PublishTarget,
  reservation,
  reservationKey,
  routedPorts,
  socketText,
} from './port-plan.ts'
import { PortTable } from './port-table.ts'

/** Who holds host ports by a bound socket: `wharf resolver`. */
export interface PortHolder {
  /** @throws {KernelError} `EADDRINUSE`, `EADDRNOTAVAIL`, … */
  reserve(port: PortReservation): Promise<void>
  release(key: string): Promise<void>
}

/** What `PortPublisher` is made of. */
export interface PortPublisherParts {
  readonly holder: PortHolder
  readonly hostNamespace: NetworkNamespace
  readonly userlandProxy: boolean
}

const wordsOfErrno: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EPROTONOSUPPORT: 'protocol not supported',
}

/** Chooses host ports and holds them, so that a clash is an error at once. The way to the container is the firewall's. */
export class PortPublisher {
  readonly #holder: PortHolder
  readonly #userlandProxy: boolean
  readonly #table = new PortTable()
  readonly #ephemeral: EphemeralPorts

  constructor({ holder, hostNamespace, userlandProxy }: PortPublisherParts) {
    this.#holder = holder
    this.#userlandProxy = userlandProxy
    this.#ephemeral = new EphemeralPorts(hostNamespace)
  }

  /**
   * Holds a host port for each wish, on each address that it means. All or none.
   *
   * @throws {EngineError} `internal` with Docker's words
   */
  async reserve(wishes: readonly PortWish[], target: PublishTarget): Promise<readonly PublishedPort[]> {
    const outcomes = await Promise.allSettled(wishes.map((wish) => this.#reserveWish(wish, target)))
    const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure === undefined) return held
    await this.release(target.containerId, held)
    if (!(failure.reason instanceof EngineError)) throw failure.reason
    const { containerName, endpointId } = target
    const where = `driver failed programming external connectivity on endpoint ${containerName} (${endpointId})`
    throw new EngineError('internal', `${where}: ${failure.reason.message}`, { cause: failure.reason })
  }

  async #reserveWish(wish: PortWish, target: PublishTarget): Promise<PublishedPort[]> {
    const { from, to } = wish.hostPorts
    const addresses = hostAddresses(wish, target)
    const routed = routedPorts(wish, target)
    if (addresses.length === 0) return [...routed]
    let failure: unknown
    for (const hostPort of from === 0 ? this.#ephemeral.candidates() : portRange(from, to)) {
      try {
        return [...(await this.#reservePort(wish, hostPort, addresses, target)), ...routed]
      } catch (error) {
        if (!(error instanceof PortTaken)) throw error
        failure = error
      }
    }
    if (from === to && from !== 0) throw failure
    throw new EngineError('internal', 'all ports are allocated')
  }

  /** One host port on all addresses. @throws {PortTaken} when another might do */
  async #reservePort(
    { protocol, containerPort }: PortWish,
    hostPort: number,
    addresses: readonly HostAddress[],
    target: PublishTarget,
  ): Promise<PublishedPort[]> {
    const ports = addresses.map(({ address, optional }) => {
      return { optional, port: { protocol, containerPort, hostAddress: address, hostPort } }
    })
    const taken = ports.find(({ port }) => !this.#table.isFree(port))
    if (taken !== undefined) {
      const where = socketText(taken.port.hostAddress, hostPort)
      throw new PortTaken(`Bind for ${where} failed: port is already allocated`)
    }
    for (const { port } of ports) this.#table.claim(port)
    const outcomes = await Promise.allSettled(ports.map(({ port }) => this.#hold(port, target)))
    const held = ports.filter((_, i) => outcomes[i]!.status === 'fulfilled').map(({ port }) => port)
    for (const { port } of ports) if (!held.includes(port)) this.#table.release(port)
    const failure = ports
      .map(({ port, optional }, i) => ({ port, optional, outcome: outcomes[i]! }))
      .find(({ optional, outcome }) => outcome.status === 'rejected' && !(optional && isMissingFamily(outcome.reason)))
    if (failure === undefined) return held
    await this.release(target.containerId, held)
    throw failureToBind(failure.port, (failure.outcome as PromiseRejectedResult).reason)
  }

  #hold(port: PublishedPort, target: PublishTarget): Promise<void> {
    return this.#holder.reserve(reservation(target, port, this.#userlandProxy))
  }

  /** Takes ports for held that a container had before the engine was started. @returns what the resolver has to hold */
  restore(ports: readonly PublishedPort[], target: PublishTarget): readonly PortReservation[] {
    const held = ports.filter(hasHostPort)
    for (const port of held) this.#table.claim(port)
    return held.map((port) => reservation(target, port, this.#userlandProxy))
  }

  /** The container is reached at another address now: proxies follow. */
  async retarget(ports: readonly PublishedPort[], target: PublishTarget): Promise<void> {
    await Promise.all(ports.filter(hasHostPort).map((port) => this.#hold(port, target)))
  }

  /** Lets go of ports; those that are not held are no mistake. */
  async release(containerId: string, ports: readonly PublishedPort[]): Promise<void> {
    const held = ports.filter(hasHostPort)
    for (const port of held) this.#table.release(port)
    await Promise.all(held.map((port) => this.#holder.release(reservationKey(containerId, port))))
  }
}

/** This host port cannot be had; another may. */
class PortTaken extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super('internal', message, options)
  }
}

function failureToBind({ protocol, hostAddress, hostPort }: PublishedPort, cause: unknown): unknown {
  if (!isErrno(cause, ...Object.keys(wordsOfErrno))) return cause
  const where = `${socketText(hostAddress, hostPort)}/${protocol}`
  return new PortTaken(`failed to bind host port ${where}: ${wordsOfErrno[cause.errno]}`, { cause })
}

/** A host that has no IPv6 at all. */
function isMissingFamily(error: unknown): boolean {
  return isErrno(error, 'EAFNOSUPPORT', 'EADDRNOTAVAIL')
}

function* portRange(from: number, to: number): Generator<number> {
  for (let port = from; port <= to; port++) yield port
}
