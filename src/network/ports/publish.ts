import { EngineError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { PortRefused } from '../../resolver/ports/port-refused.ts'
import type { PortRange, PortReservation, RefusedPort } from '../../resolver/protocol.ts'
import type { NetworkMeters } from '../meters.ts'
import type { PublishedPort } from '../model.ts'
import type { PortWish } from '../networking.ts'
import { EphemeralPorts } from './ephemeral-ports.ts'
import {
  hasHostPort,
  heldRanges,
  hostAddresses,
  type PublishTarget,
  reservations,
  routedPorts,
  socketText,
} from './port-plan.ts'
import { PortTable } from './port-table.ts'
import { failureToBind, isMissingIPv6, PortTaken } from './port-taken.ts'

/** Who holds host ports by a bound socket: `wharf resolver`. */
export interface PortHolder {
  /** All of them or none; nobody holds them yet. @throws {PortRefused} `EADDRINUSE`, `EADDRNOTAVAIL`, … */
  reserve(ports: readonly PortReservation[]): Promise<void>
  /** Ports that are held are carried elsewhere from now on. */
  retarget(ports: readonly PortReservation[]): Promise<void>
  /** Absent is success. */
  release(ranges: readonly PortRange[]): Promise<void>
}

/** What `PortPublisher` is made of. */
export interface PortPublisherParts {
  readonly holder: PortHolder
  readonly hostNamespace: NetworkNamespace
  readonly userlandProxy: boolean
  readonly meters: Pick<NetworkMeters, 'ports' | 'portCount'>
}

/** Chooses host ports and holds them, so that a clash is an error at once. The way to the container is the firewall's. */
export class PortPublisher {
  readonly #holder: PortHolder
  readonly #userlandProxy: boolean
  readonly #meters: PortPublisherParts['meters']
  readonly #table = new PortTable()
  readonly #ephemeral: EphemeralPorts

  constructor({ holder, hostNamespace, userlandProxy, meters }: PortPublisherParts) {
    this.#holder = holder
    this.#userlandProxy = userlandProxy
    this.#meters = meters
    this.#ephemeral = new EphemeralPorts(hostNamespace)
  }

  /**
   * Holds a host port for each wish, on each address that it means. All or none.
   *
   * @throws {EngineError} `internal` with Docker's words
   */
  async reserve(wishes: readonly PortWish[], target: PublishTarget): Promise<readonly PublishedPort[]> {
    const ports = await this.#meters.ports.time(['publish'], () => this.#reserve(wishes, target))
    this.#meters.portCount.add(['publish'], ports.filter(hasHostPort).length)
    return ports
  }

  async #reserve(wishes: readonly PortWish[], target: PublishTarget): Promise<readonly PublishedPort[]> {
    try {
      const isFixed = ({ hostPorts: { from, to } }: PortWish) => from === to && from !== 0
      const fixed = await this.#reserveFixed(wishes.filter(isFixed), target)
      try {
        return inOrder(wishes, [
          ...fixed,
          ...(await this.#reserveOthers(
            wishes.filter((wish) => !isFixed(wish)),
            target,
          )),
        ])
      } catch (error) {
        await this.release(target.containerId, [...fixed.values()].flat())
        throw error
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const { containerName, endpointId } = target
      const where = `driver failed programming external connectivity on endpoint ${containerName} (${endpointId})`
      throw new EngineError('internal', `${where}: ${error.message}`, { cause: error })
    }
  }

  /** Wishes that name their port, all at once: there may be thousands. All or none. */
  async #reserveFixed(wishes: readonly PortWish[], target: PublishTarget): Promise<Reserved> {
    const planned = wishes.map((wish) => [wish, claimsOf(wish, wish.hostPorts.from, target)] as const)
    const claims = await this.#hold(
      planned.flatMap(([, each]) => each),
      target,
    )
    const held = new Set(claims)
    return new Map(
      planned.map(([wish, each]) => [
        wish,
        [...portsOf(each.filter((one) => held.has(one))), ...routedPorts(wish, target)],
      ]),
    )
  }

  /** Wishes that leave the port open, or name several of which one will do. All or none. */
  async #reserveOthers(wishes: readonly PortWish[], target: PublishTarget): Promise<Reserved> {
    const outcomes = await Promise.allSettled(wishes.map((wish) => this.#reserveAnyOf(wish, target)))
    const held = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure === undefined) return new Map(wishes.map((wish, i) => [wish, held[i]!]))
    await this.release(target.containerId, held.flat())
    throw failure.reason
  }

  async #reserveAnyOf(wish: PortWish, target: PublishTarget): Promise<readonly PublishedPort[]> {
    const { from, to } = wish.hostPorts
    const routed = routedPorts(wish, target)
    if (hostAddresses(wish, target).length === 0) return routed
    for (const hostPort of from === 0 ? this.#ephemeral.candidates() : portRange(from, to)) {
      try {
        return [...portsOf(await this.#hold(claimsOf(wish, hostPort, target), target)), ...routed]
      } catch (error) {
        if (!(error instanceof PortTaken)) throw error
      }
    }
    throw new EngineError('internal', 'all ports are allocated')
  }

  /**
   * Claims ports among containers, then holds them on the host: all but optional ones that the host cannot have.
   *
   * @throws {PortTaken} when others might do
   */
  async #hold(claims: readonly Claim[], target: PublishTarget): Promise<readonly Claim[]> {
    this.#claim(claims)
    try {
      await this.#holder.reserve(reservations(target, portsOf(claims), this.#userlandProxy))
      return claims
    } catch (error) {
      for (const { port } of claims) this.#table.release(port)
      const required = claims.filter(({ optional }) => !optional)
      if (isMissingIPv6(error) && required.length < claims.length) return this.#hold(required, target)
      const refused = error instanceof PortRefused && claims.find(({ port }) => isAt(port, error.port))
      throw refused ? failureToBind(refused.port, error) : error
    }
  }

  /** @throws {PortTaken} with none claimed, when a container has one of them */
  #claim(claims: readonly Claim[]): void {
    for (const [i, { port }] of claims.entries()) {
      if (this.#table.claim(port)) continue
      for (const { port: claimed } of claims.slice(0, i)) this.#table.release(claimed)
      const where = socketText(port.hostAddress, port.hostPort)
      throw new PortTaken(`Bind for ${where} failed: port is already allocated`)
    }
  }

  /** Takes ports for held that a container had before the engine was started. @returns what the resolver has to hold */
  restore(ports: readonly PublishedPort[], target: PublishTarget): readonly PortReservation[] {
    for (const port of ports.filter(hasHostPort)) this.#table.claim(port)
    return reservations(target, ports, this.#userlandProxy)
  }

  /** The container is reached at another address now: proxies follow. */
  async retarget(ports: readonly PublishedPort[], target: PublishTarget): Promise<void> {
    await this.#holder.retarget(reservations(target, ports, this.#userlandProxy))
  }

  /** Lets go of ports; those that are not held are no mistake. */
  async release(containerId: string, ports: readonly PublishedPort[]): Promise<void> {
    const held = ports.filter(hasHostPort)
    if (held.length === 0) return
    await this.#meters.ports.time(['withdraw'], () => this.#holder.release(heldRanges(containerId, ports)))
    for (const port of held) this.#table.release(port)
    this.#meters.portCount.add(['withdraw'], held.length)
  }
}

/** A port of the host that is to be had. `optional`: the user did not name its address. */
interface Claim {
  readonly optional: boolean
  readonly port: PublishedPort
}

/** What became of each wish. */
type Reserved = ReadonlyMap<PortWish, readonly PublishedPort[]>

function claimsOf(wish: PortWish, hostPort: number, target: PublishTarget): Claim[] {
  const { protocol, containerPort } = wish
  return hostAddresses(wish, target).map(({ address, optional }) => {
    return { optional, port: { protocol, containerPort, hostAddress: address, hostPort } }
  })
}

function portsOf(claims: readonly Claim[]): PublishedPort[] {
  return claims.map(({ port }) => port)
}

function inOrder(
  wishes: readonly PortWish[],
  reserved: Iterable<readonly [PortWish, readonly PublishedPort[]]>,
): readonly PublishedPort[] {
  const byWish = new Map(reserved)
  return wishes.flatMap((wish) => byWish.get(wish) ?? [])
}

function isAt({ protocol, hostAddress, hostPort }: PublishedPort, at: RefusedPort): boolean {
  return protocol === at.protocol && hostPort === at.hostPort && hostAddress === at.hostAddress
}

function* portRange(from: number, to: number): Generator<number> {
  for (let port = from; port <= to; port++) yield port
}
