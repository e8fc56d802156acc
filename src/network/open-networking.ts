import { EngineError } from '../base/errors.ts'
import type { Family, Meter } from '../base/meters.ts'
import { buildParts, type NetworkingOptions } from './build-parts.ts'
import { dnsFamilies } from './dns/dns-families.ts'
import { serveHost } from './dns/host-resolver.ts'
import { type CheckedFor, checkAttachment } from './endpoints/check-attachment.ts'
import { connect, disconnect } from './endpoints/connect.ts'
import { isWished } from './endpoints/gateways.ts'
import { renameEndpoints } from './endpoints/rename-endpoints.ts'
import { ForeignContainersOf } from './foreign/foreign-containers.ts'
import { Healer } from './healing/healer.ts'
import { metersOf } from './meters.ts'
import type { NetworkParts } from './network-parts.ts'
import type {
  AttachmentWish,
  ForeignContainers,
  Networking,
  NetworkWish,
  SandboxView,
  SandboxWish,
} from './networking.ts'
import { findNetwork } from './networks/find-network.ts'
import { forwardingWarnings } from './networks/forwarding-warnings.ts'
import { createNetwork, pruneNetworks, removeNetwork } from './networks/networks.ts'
import { ensurePredefined } from './networks/predefined.ts'
import { isPredefined } from './networks/predefined-names.ts'
import { reachOf } from './ports/host-reach.ts'
import { portWarnings } from './ports/port-warnings.ts'
import { publishPorts, unpublishPorts } from './ports/publish-ports.ts'
import { recover } from './recovery.ts'
import { closeSandbox } from './sandbox/close-sandbox.ts'
import { openSandbox } from './sandbox/open-sandbox.ts'
import { leaveSandbox } from './sandbox/shared-sandbox.ts'
import type { TrafficReader } from './sandbox/traffic.ts'
import type { NetworkElsewhere } from './shared/elsewhere.ts'
import { HostChanges } from './surroundings/host-changes.ts'
import { Surroundings } from './surroundings/surroundings.ts'

/** Opens the network heart. Nothing is in the kernel before `recover` was called. */
export function openNetworking(options: NetworkingOptions): OpenNetworking {
  const owned = new DisposableStack()
  const parts = buildParts(options, owned)
  for (const network of parts.table.networks()) {
    const endpoints = parts.table.endpointsOfNetwork(network.id)
    parts.addresses.open(network, endpoints)
    parts.drivers.recall(network, endpoints) // known by its interface from now on
  }
  ensurePredefined(parts)
  const changes = new HostChanges({ namespace: parts.hostNamespace, poller: options.poller })
  return new OpenNetworking({
    parts,
    owned,
    healer: new Healer(parts, changes),
    surroundings: new Surroundings(parts, changes),
  })
}

interface OpenParts {
  readonly parts: NetworkParts
  readonly owned: DisposableStack
  readonly healer: Healer
  readonly surroundings: Surroundings
}

/** The network heart: a door before the rooms of this folder. */
export class OpenNetworking implements Networking {
  readonly #parts: NetworkParts
  readonly #owned: DisposableStack
  readonly #healer: Healer
  readonly #surroundings: Surroundings
  #isPruning = false
  readonly foreign: ForeignContainers

  constructor({ parts, owned, healer, surroundings }: OpenParts) {
    this.#parts = parts
    this.foreign = new ForeignContainersOf(parts)
    this.#owned = owned
    this.#healer = healer
    this.#surroundings = surroundings
  }

  get drivers(): readonly string[] {
    return this.#parts.registry.ownNames
  }

  async create(request: NetworkWish): Promise<{ readonly id: string; readonly warning: string }> {
    const { id } = await createNetwork(this.#parts, request)
    this.#surroundings.meet(id)
    return { id, warning: '' }
  }

  async remove(nameOrId: string): Promise<void> {
    await removeNetwork(this.#parts, nameOrId)
  }

  find(nameOrId: string): ReturnType<Networking['find']> {
    const { drivers, table } = this.#parts
    return drivers.shown(findNetwork(table, nameOrId))
  }

  list(): ReturnType<Networking['list']> {
    const { drivers, table } = this.#parts
    return table.networks().map((network) => drivers.shown(network))
  }

  async prune(...[filter, inUse]: Parameters<Networking['prune']>): Promise<readonly string[]> {
    if (this.#isPruning) throw new EngineError('conflict', 'a prune operation is already running')
    this.#isPruning = true
    try {
      return await pruneNetworks(this.#parts, filter, inUse)
    } finally {
      this.#isPruning = false
    }
  }

  endpointsOf(networkId: string): ReturnType<Networking['endpointsOf']> {
    return this.#parts.table.endpointsOfNetwork(networkId)
  }

  elsewhere(networkId: string): NetworkElsewhere | undefined {
    const network = this.#parts.table.network(networkId)
    return network && this.#parts.shared?.elsewhere(network)
  }

  paths(networkId: string): ReturnType<Networking['paths']> {
    return this.#parts.shared?.paths(networkId) ?? []
  }

  rotateSecret(networkId: string): ReturnType<Networking['rotateSecret']> {
    return this.#parts.shared?.rotateSecret(networkId)
  }

  examineShared(networkId?: string): ReturnType<Networking['examineShared']> {
    return this.#parts.shared?.examine(networkId)
  }

  isPredefined(name: string): boolean {
    return isPredefined(name)
  }

  check({ mode, ports }: SandboxWish, checkedFor: CheckedFor = 'create'): readonly string[] {
    if (mode.kind !== 'own') return []
    const { table } = this.#parts
    const networks = mode.attachments.flatMap((wish) => {
      const network = table.networkNamed(wish.network) ?? table.network(wish.network)
      checkAttachment(network, wish, checkedFor)
      return network ?? []
    })
    return [...forwardingWarnings(this.#parts, networks), ...portWarnings(this.#parts, networks, ports)]
  }

  openSandbox(wish: SandboxWish): Promise<SandboxView> {
    return this.#parts.meters.actions.time(['allocate'], () => openSandbox(this.#parts, wish))
  }

  closeSandbox(containerId: string): Promise<void> {
    return this.#parts.meters.actions.time(['release'], () => leaveSandbox(this.#parts, containerId))
  }

  sandboxOf(containerId: string): SandboxView | undefined {
    const { table } = this.#parts
    const sandbox = table.sandbox(containerId)
    return sandbox && { sandbox, endpoints: table.endpointsOfContainer(containerId).filter(isWished) }
  }

  connect(containerId: string, wish: AttachmentWish): ReturnType<Networking['connect']> {
    return this.#parts.meters.actions.time(['connect'], () => connect(this.#parts, containerId, wish))
  }

  disconnect(containerId: string, network: string): Promise<void> {
    return this.#parts.meters.actions.time(['disconnect'], () => disconnect(this.#parts, containerId, network))
  }

  async announce(wish: SandboxWish): Promise<void> {
    const { announced, log } = this.#parts
    await announced.announce(wish).catch((error: unknown) => log.warn('cannot announce names', { error }))
  }

  async forget(containerId: string): Promise<void> {
    const { announced, locks, log } = this.#parts
    await announced.withdraw(containerId).catch((error: unknown) => log.warn('cannot withdraw names', { error }))
    using _ = await locks.acquire(`container ${containerId}`)
    await closeSandbox(this.#parts, containerId)
  }

  rename(containerId: string, name: string): Promise<void> {
    return renameEndpoints(this.#parts, containerId, name)
  }

  trafficOf(containerId: string): TrafficReader {
    return this.#parts.traffic.open(containerId)
  }

  get meters(): readonly Meter[] {
    return metersOf(this.#parts.meters)
  }

  async readNameMeters(): Promise<readonly Family[]> {
    const counts = await this.#parts.resolver.counts()
    return counts === undefined ? [] : dnsFamilies(counts)
  }

  publishedPorts(containerId: string): ReturnType<Networking['publishedPorts']> {
    return this.#parts.table.sandbox(containerId)?.ports ?? []
  }

  reachOf(containerId: string): ReturnType<Networking['reachOf']> {
    return reachOf(this.#parts, containerId)
  }

  publish(...[containerId, wishes]: Parameters<Networking['publish']>): ReturnType<Networking['publish']> {
    return publishPorts(this.#parts, containerId, wishes)
  }

  unpublish(...[containerId, gone, remaining]: Parameters<Networking['unpublish']>): Promise<void> {
    return unpublishPorts(this.#parts, containerId, gone, remaining)
  }

  shadows(): ReturnType<Networking['shadows']> {
    const { table } = this.#parts
    return this.#surroundings.shadows().map((shadow) => ({ ...shadow, network: table.network(shadow.networkId)!.name }))
  }

  async recover(running: ReadonlySet<string>): Promise<void> {
    await this.#surroundings.stop()
    await this.#healer.stop() // it would take what is swept for damage
    this.#parts.shared?.start()
    await recover(this.#parts, running)
    await serveHost(this.#parts)
    this.#healer.start()
    await this.#surroundings.start()
  }

  /** Waits until the slow deletions that are under way have come to their end. */
  async settled(): Promise<void> {
    this.#parts.reaper.deleteCondemned()
    await this.#parts.background.settle()
  }

  async close(): Promise<void> {
    await this.#surroundings.stop()
    await this.#healer.stop()
    await this.#parts.shared?.close()
    this.#parts.resolver[Symbol.dispose]()
    this.#parts.reaper.close()
    await this.#parts.background.settle()
    this.#owned.dispose()
  }

  /** Ends the resolver too, which otherwise outlives this: for tests, and for whoever takes the engine away for good. */
  async exitResolver(): Promise<void> {
    await this.#parts.resolver.exit()
  }
}
