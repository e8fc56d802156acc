import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import type { SharedEndpoint } from '../../cluster/model.ts'
import type { Poller } from '../../kernel/poller.ts'
import { dnsNames } from '../dns/names.ts'
import { disconnect } from '../endpoints/connect.ts'
import { chosenMac } from '../endpoints/endpoint-options.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, NetworkRequest, SandboxWish } from '../networking.ts'
import { tell } from '../networks/networks.ts'
import { checkRequest } from '../networks/plan-network.ts'
import { examineShared, type SharedReport } from './doctor/examine-shared.ts'
import type { Elsewhere, NetworkElsewhere } from './elsewhere.ts'
import { ClusterFollower } from './follow-cluster.ts'
import { JoinedNetworks } from './joined-networks.ts'
import { Heartbeats } from './paths/heartbeats.ts'
import type { NetworkPath } from './paths/network-paths.ts'
import { SecretKeeper } from './secret-keeper.ts'
import { blockOf, draftOf, recordOf, sharedOf } from './shared-records.ts'

/** Milliseconds that whoever stops a container waits for etcd to hear of it; it hears of it later, too. */
const patience = 500

/** The networks that this host has together with others: the door of this folder. */
export class SharedNetworks {
  readonly #parts: NetworkParts
  readonly #cluster: Cluster
  readonly #elsewhere: Elsewhere
  readonly #joined: JoinedNetworks
  readonly #heartbeats: Heartbeats
  readonly #keeper: SecretKeeper
  #follower: ClusterFollower | undefined
  /** What etcd is being told to be gone. */
  readonly #giving = new Set<Promise<void>>()

  constructor(parts: NetworkParts, cluster: Cluster, elsewhere: Elsewhere, poller: Poller) {
    this.#parts = parts
    this.#cluster = cluster
    this.#elsewhere = elsewhere
    this.#heartbeats = new Heartbeats({
      ...{ nodeId: cluster.self.id, poller, log: parts.log },
      openPlace: ({ id }) => {
        const network = parts.table.network(id) // as it is now
        return network && parts.drivers.openPlace(network)
      },
      tell: (network, attributes) => tell(parts, 'path', network, undefined, attributes),
    })
    this.#keeper = new SecretKeeper(parts, cluster)
    this.#joined = new JoinedNetworks(parts, elsewhere, this.#heartbeats, this.#keeper)
  }

  /** Takes up what the cluster has now, and follows it from then on. Hearing comes first: nothing is missed. */
  start(): void {
    const { table, log, background } = this.#parts
    this.#follower ??= new ClusterFollower({
      cluster: this.#cluster,
      elsewhere: this.#elsewhere,
      joined: this.#joined,
      log,
      onNetworks: ({ type, network }) => {
        if (type === 'network-added') this.#adopt(recordOf(network))
        else background.run('let a network go', () => this.#letGo(network.id))
      },
      onQuarantine: (endpoint, reason) => this.#quarantine(endpoint, reason),
    })
    for (const network of this.#cluster.networks()) this.#adopt(recordOf(network))
    const gone = table.networks().filter(({ shared, id }) => shared && this.#cluster.network(id) === undefined)
    for (const { id } of gone) background.run('let a network go', () => this.#letGo(id))
    background.run('tell the cluster what this host has', () => this.#claim())
  }

  /** What the records say this host has, and what the cluster says: the records win. */
  async #claim(): Promise<void> {
    const { table } = this.#parts
    const own = table.endpoints().filter(({ networkId }) => table.network(networkId)?.shared)
    const known = new Set(own.map(({ id }) => id))
    // Looked up now: while etcd is told, containers start, and have endpoints before they have records.
    const forgotten = this.#cluster.ownEndpoints().filter(({ id }) => !known.has(id))
    for (const endpoint of own) await this.#cluster.adoptEndpoint(sharedOf(endpoint, this.#cluster.self.id))
    for (const { id } of forgotten) await this.#cluster.releaseEndpoint(id)
  }

  /** Makes a network on all hosts. @throws {EngineError} with Docker's words; `unavailable` while etcd is away */
  async create(asked: NetworkRequest): Promise<NetworkRecord> {
    const request = checkRequest(asked, this.#parts)
    const driver = this.#parts.registry.driverFor(request.driver, request.options)
    const blocks = driver.peers?.blocks?.(request)
    const [vni] = driver.peers?.wishedVnis(request.options) ?? []
    const underlayMtu = Math.min(...this.#cluster.nodes().map(({ mtu }) => mtu))
    const record = recordOf(await this.#cluster.createNetwork(draftOf(request, { underlayMtu, vni, blocks })))
    this.#adopt(record)
    tell(this.#parts, 'create', record)
    return record
  }

  /** Removes a network from all hosts. @throws {EngineError} `forbidden`, naming who is on it and where */
  async remove(record: NetworkRecord): Promise<void> {
    await Promise.allSettled(this.#giving)
    await this.#cluster.removeNetwork(record.id)
    if (this.#cluster.secrets.get(record.id) !== undefined)
      this.#parts.background.run('forget a secret', () => this.#cluster.secrets.forget(record.id))
    await this.#letGo(record.id)
    tell(this.#parts, 'destroy', record)
  }

  /** This host's part of a network is there when this returns. Of a network of this host alone: nothing to do. */
  async join(network: NetworkRecord): Promise<void> {
    if (network.shared !== undefined) await this.#joined.join(network)
  }

  /** Takes addresses for a container that is to be on a network. @throws {EngineError} with Docker's words; `unavailable` */
  async reserve(
    { network, wish }: { readonly network: NetworkRecord; readonly wish: AttachmentWish },
    { containerId, containerName, hostname }: Pick<SandboxWish, 'containerId' | 'containerName' | 'hostname'>,
  ): Promise<SharedEndpoint> {
    const { ipv4, ipv6, aliases } = wish
    const { driver } = this.#parts.drivers.of(network)
    this.#parts.drivers.checkPeers(network)
    const endpoint = await this.#cluster.reserveEndpoint({
      networkId: network.id,
      containerId,
      containerName,
      ...(ipv4 !== undefined && { ipv4 }),
      ...(ipv6 !== undefined && { ipv6 }),
      mac: chosenMac(wish) ?? ((address) => driver.macFor(address)),
      dnsNames: dnsNames({ containerId, containerName, aliases, hostname }),
      aliases,
    })
    await this.#settleBlock(network, endpoint)
    return endpoint
  }

  /** Where each host has a block of its own, the first address tells which. */
  async #settleBlock({ id }: NetworkRecord, endpoint: SharedEndpoint): Promise<void> {
    const { table, addresses } = this.#parts
    const shared = this.#cluster.network(id)
    const record = table.network(id)
    const block = shared && blockOf(shared, endpoint)
    if (block === undefined || record?.shared === undefined || record.shared.block?.subnet === block.subnet) return
    const settled = { ...record, shared: { ...record.shared, block } }
    table.commit({ networks: [settled] })
    addresses.open(settled, table.endpointsOfNetwork(id))
    await this.#joined.follow(settled, record)
  }

  /** A container of this host has another name. */
  async rename({ id, networkId, containerName, dnsNames: names, aliases }: EndpointRecord): Promise<void> {
    if (this.#parts.table.network(networkId)?.shared === undefined) return
    await this.#cluster.updateEndpoint(id, { containerName, dnsNames: names, aliases })
  }

  /** What other hosts have on a network; undefined for one of this host alone. */
  elsewhere({ id, shared }: NetworkRecord): NetworkElsewhere | undefined {
    if (shared === undefined) return undefined
    return { endpoints: this.#elsewhere.endpoints(id), hosts: this.#elsewhere.hosts(id) }
  }

  /**
   * Endpoints of this host are gone: the others hear of it, and networks without any are left. Waits a moment for etcd,
   * so that whoever asks next, anywhere, finds them gone; never fails.
   */
  async release(gone: readonly Pick<EndpointRecord, 'id' | 'networkId'>[]): Promise<void> {
    const { table, background } = this.#parts
    const shared = gone.filter(({ networkId }) => table.network(networkId)?.shared !== undefined)
    if (shared.length === 0) return
    for (const { networkId } of shared) {
      if (this.#cluster.network(networkId) !== undefined) this.#joined.leaveSoon(networkId)
      else background.run('let a network go', () => this.#letGo(networkId))
    }
    const told = Promise.allSettled(shared.map(({ id }) => this.#giveBack(id)))
    await Promise.race([told, sleep(patience, undefined, { ref: false })])
  }

  #giveBack(endpointId: string): Promise<void> {
    const giving = this.#cluster.releaseEndpoint(endpointId).finally(() => this.#giving.delete(giving))
    this.#giving.add(giving)
    this.#parts.background.run('give an address back', () => giving)
    return giving
  }

  /** What is known of the ways to other hosts on a network that this one has joined. */
  paths(networkId: string): readonly NetworkPath[] {
    return this.#heartbeats.paths(networkId)
  }

  /** Begins to change the secret of an encrypted network. @returns the names of the hosts that are waited for */
  rotateSecret(networkId: string): Promise<readonly string[]> {
    return this.#keeper.rotate(networkId)
  }

  /** Compares all that is known of one network, or of all; see `examineShared`. */
  examine(networkId?: string): Promise<SharedReport> {
    const sides = { parts: this.#parts, cluster: this.#cluster, joined: this.#joined }
    return examineShared({ ...sides, paths: (id) => this.paths(id) }, networkId)
  }

  /** Whether this host has its part of a network in the kernel, or should. */
  isHere({ id, shared }: NetworkRecord): boolean {
    return shared === undefined || this.#joined.has(id) || this.#parts.table.hasEndpoints(id)
  }

  /** Waits until what the cluster has told so far is done here. */
  async settled(): Promise<void> {
    await this.#follower?.settled()
  }

  #adopt(record: NetworkRecord): void {
    const { table, addresses, background, announced } = this.#parts
    if (table.network(record.id) !== undefined) return
    table.commit({ networks: [record] })
    addresses.open(record)
    background.run('announce names', () => announced.networkMade(record.name))
  }

  /** The network is gone everywhere. One that still has endpoints here waits for the last of them. */
  async #letGo(networkId: string): Promise<void> {
    const { table, addresses, drivers, log } = this.#parts
    const record = table.network(networkId)
    if (record === undefined) return
    if (table.hasEndpoints(networkId)) {
      log.warn('keeps a network that is gone from the cluster: containers are on it', { network: record.name })
      return
    }
    await this.#joined.leave(record)
    table.commit({ withoutNetworks: [networkId] })
    addresses.close(networkId)
    drivers.forget(networkId)
  }

  /** Its address is somebody else's now: the container goes off the network, lest two answer to one address. */
  async #quarantine({ containerId, networkId, containerName }: SharedEndpoint, reason: string): Promise<void> {
    const { table, log } = this.#parts
    const network = table.network(networkId)
    if (network === undefined) return
    log.error('takes a container off a network', { container: containerName, network: network.name, reason })
    tell(this.#parts, 'quarantine', network, containerId, { reason })
    if (table.sandbox(containerId) !== undefined) await disconnect(this.#parts, containerId, networkId)
  }

  /** Hears nothing any more; what containers are on stays in the kernel. */
  async close(): Promise<void> {
    this.#follower?.[Symbol.dispose]()
    await this.#follower?.settled()
    this.#keeper[Symbol.dispose]()
    await this.#joined.close()
    this.#heartbeats[Symbol.dispose]()
  }
}
