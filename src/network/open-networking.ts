import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Background } from '../base/background.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import { NftElements } from '../kernel/nft-elements.ts'
import { NftContext } from '../kernel/nftables.ts'
import type { Poller } from '../kernel/poller.ts'
import type { Store } from '../store/store.ts'
import { Announcer } from './announcer.ts'
import { type CheckedFor, checkAttachment } from './check-attachment.ts'
import { closeSandbox } from './close-sandbox.ts'
import type { NetworkConfig } from './config.ts'
import { connect, disconnect } from './connect.ts'
import { AnnouncedNames } from './dns/announced-names.ts'
import { serveHost } from './dns/host-resolver.ts'
import { ResolverClient } from './dns/resolver-client.ts'
import { DriverCalls } from './driver-calls.ts'
import { findNetwork } from './find-network.ts'
import { NftFirewall } from './firewall/nft-firewall.ts'
import { type RulesetOptions, tableName } from './firewall/ruleset.ts'
import { forwardingWarnings } from './forwarding-warnings.ts'
import { Healer } from './healing/healer.ts'
import { type HostFiles, hostFiles } from './host-facts.ts'
import { AddressBook } from './ipam/address-book.ts'
import { defaultPools, localIpv6Pool, pool } from './ipam/pools.ts'
import { openRemoteIpam } from './ipam/remote/open-remote-ipam.ts'
import { LinkHoles } from './link-holes.ts'
import { LinkReaper } from './link-reaper.ts'
import type { NetworkParts } from './network-parts.ts'
import { NetworkTable } from './network-table.ts'
import type { AttachmentWish, NetworkEvent, Networking, NetworkWish, SandboxView, SandboxWish } from './networking.ts'
import { createNetwork, pruneNetworks, removeNetwork } from './networks.ts'
import { openSandbox } from './open-sandbox.ts'
import { PortPublisher } from './ports/publish.ts'
import { publishPorts, unpublishPorts } from './ports/publish-ports.ts'
import { ensurePredefined } from './predefined.ts'
import { isPredefined } from './predefined-names.ts'
import { recover } from './recovery.ts'
import { builtinDrivers } from './registry.ts'
import { renameEndpoints } from './rename-endpoints.ts'
import { leaveSandbox } from './shared-sandbox.ts'
import { HostChanges } from './surroundings/host-changes.ts'
import { Surroundings } from './surroundings/surroundings.ts'
import { Uplink } from './surroundings/uplink.ts'

/** What the network is built from. */
export interface NetworkingOptions {
  readonly store: Store
  /** Namespaces lie in `netns` below it, the resolver's socket and log beside. */
  readonly execRoot: string
  /** The settings as they are now: those that can be reloaded may change. */
  readonly config: () => NetworkConfig
  readonly log: Log
  /** Program and words that start the resolver: `[process.execPath, "main.ts", "resolver"]`. */
  readonly resolverCommand: readonly string[]
  /** The namespace that is this engine's host; it stays its owner's. */
  readonly hostNamespace: NetworkNamespace
  /** Hears what happens to that namespace. */
  readonly poller: Poller
  /** Stays the same for the life of the engine's data: IPv6 prefixes are made from it. */
  readonly engineId: string
  readonly onEvent: (event: NetworkEvent) => void
  /** Where the host's own files are; Linux's places unless told. */
  readonly files?: HostFiles
}

/** Opens the network heart. Nothing is in the kernel before `recover` was called. */
export function openNetworking(options: NetworkingOptions): OpenNetworking {
  const owned = new DisposableStack()
  const parts = buildParts(options, owned)
  for (const network of parts.table.networks()) {
    parts.addresses.open(network, parts.table.endpointsOfNetwork(network.id))
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

function buildParts(options: NetworkingOptions, owned: DisposableStack): NetworkParts {
  const { store, execRoot, log, hostNamespace, onEvent, files = hostFiles } = options
  const config = options.config()
  const host = owned.use(new NetlinkSocket(hostNamespace))
  const background = new Background((what, error) => log.error(`cannot ${what}`, { error }))
  const reaper = new LinkReaper({ netlink: host, background })
  owned.defer(() => reaper.close())
  const place = { socketPath: join(execRoot, 'resolver.sock'), command: options.resolverCommand, hostNamespace }
  const resolver = owned.use(new ResolverClient({ place, background, log: log.child('resolver') }))
  const table = new NetworkTable(store)
  const nft = owned.use(new NftContext(hostNamespace))
  const writer = owned.use(new NftElements(hostNamespace, tableName))
  const uplink = new Uplink(host)
  const registry = builtinDrivers(() => uplink.mtu)
  const context = { host, hostNamespace, reaper, log, execRoot, leavesForwarding: !config.ipForward }
  const userlandProxy = config.userlandProxy || !config.iptables
  return {
    get config() {
      return options.config()
    },
    execRoot,
    log,
    table,
    registry,
    drivers: new DriverCalls({ registry, context }),
    addresses: new AddressBook(),
    pools: poolsOf(options),
    remoteIpam: openRemoteIpam(config, table, log),
    nft,
    firewall: new NftFirewall({
      nft,
      writer,
      options: rulesetOptions(config, userlandProxy),
      log: log.child('firewall'),
    }),
    linkHoles: new LinkHoles(),
    ports: new PortPublisher({
      holder: resolver,
      hostNamespace,
      userlandProxy: userlandProxy || config.publishedPortsObeyInput,
    }),
    resolver,
    announced: new AnnouncedNames({ hearer: resolver, table }),
    announcer: owned.use(new Announcer({ table, log })),
    reaper,
    background,
    locks: new KeyedLock(),
    host,
    hostNamespace,
    files,
    uplink,
    onEvent,
  }
}

function rulesetOptions(
  { iptables, ip6tables, publishedPortsObeyInput }: NetworkConfig,
  proxyLoopback: boolean,
): RulesetOptions {
  const unmanaged = [...(iptables ? [] : (['ipv4'] as const)), ...(ip6tables ? [] : (['ipv6'] as const))]
  return { proxyLoopback, obeyInput: publishedPortsObeyInput, unmanaged }
}

function poolsOf({ config, engineId }: NetworkingOptions): NetworkParts['pools'] {
  const chosen = config().defaultAddressPools.map(({ base, size }) => pool(base, size))
  const ipv4 = chosen.some(({ base }) => base.family === 'ipv4') ? [] : defaultPools
  return [...chosen, ...ipv4, localIpv6Pool(createHash('sha256').update(engineId).digest())]
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

  constructor({ parts, owned, healer, surroundings }: OpenParts) {
    this.#parts = parts
    this.#owned = owned
    this.#healer = healer
    this.#surroundings = surroundings
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

  isPredefined(name: string): boolean {
    return isPredefined(name)
  }

  check({ mode }: SandboxWish, checkedFor: CheckedFor = 'create'): readonly string[] {
    if (mode.kind !== 'own') return []
    for (const wish of mode.attachments) checkAttachment(findNetwork(this.#parts.table, wish.network), wish, checkedFor)
    return forwardingWarnings(this.#parts, mode.attachments)
  }

  openSandbox(wish: SandboxWish): Promise<SandboxView> {
    return openSandbox(this.#parts, wish)
  }

  closeSandbox(containerId: string): Promise<void> {
    return leaveSandbox(this.#parts, containerId)
  }

  sandboxOf(containerId: string): SandboxView | undefined {
    const { table } = this.#parts
    const sandbox = table.sandbox(containerId)
    return sandbox && { sandbox, endpoints: table.endpointsOfContainer(containerId) }
  }

  connect(containerId: string, wish: AttachmentWish): ReturnType<Networking['connect']> {
    return connect(this.#parts, containerId, wish)
  }

  disconnect(containerId: string, network: string): Promise<void> {
    return disconnect(this.#parts, containerId, network)
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

  publishedPorts(containerId: string): ReturnType<Networking['publishedPorts']> {
    return this.#parts.table.sandbox(containerId)?.ports ?? []
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
