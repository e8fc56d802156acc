import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Background } from '../base/background.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import { NftElements } from '../kernel/nft-elements.ts'
import { NftContext } from '../kernel/nftables.ts'
import type { Poller } from '../kernel/poller.ts'
import { pluginPlaces } from '../plugins/find-plugin.ts'
import { Plugins } from '../plugins/plugins.ts'
import type { Store } from '../store/store.ts'
import { LinkReaper } from './cables/link-reaper.ts'
import type { NetworkConfig } from './config.ts'
import { AnnouncedNames } from './dns/announced-names.ts'
import { ResolverClient } from './dns/resolver-client.ts'
import { DriverCalls } from './driver-calls.ts'
import { DriverRegistry } from './drivers/driver-registry.ts'
import { type DriverSettings, ownDrivers } from './drivers/own-drivers.ts'
import { RemoteDrivers } from './drivers/remote/remote-drivers.ts'
import { Announcer } from './endpoints/announcer.ts'
import { NftFirewall } from './firewall/nft-firewall.ts'
import { type RulesetOptions, tableName } from './firewall/ruleset.ts'
import { healReturned } from './healing/heal-returned.ts'
import { type HostFiles, hostFiles } from './host-facts.ts'
import { AddressBook } from './ipam/address-book.ts'
import { defaultPools, localIpv6Pool, pool } from './ipam/pools.ts'
import { RemoteIpam } from './ipam/remote/remote-ipam.ts'
import { LinkHoles } from './links/link-holes.ts'
import { createNetworkMeters } from './meters.ts'
import type { NetworkParts } from './network-parts.ts'
import { NetworkTable } from './network-table.ts'
import type { NetworkEvent } from './networking.ts'
import { PortPublisher } from './ports/publish.ts'
import { Traffic } from './sandbox/traffic.ts'
import { driverShare } from './shared/driver-share.ts'
import { Elsewhere } from './shared/elsewhere.ts'
import { SharedNetworks } from './shared/shared-networks.ts'
import { HostRoutes } from './surroundings/host-routes.ts'
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
  /** The hosts that share networks with this one; undefined: the engine is alone. It stays its owner's. */
  readonly cluster?: Cluster | undefined
  /** Where the host's own files are; Linux's places unless told. */
  readonly files?: HostFiles
}

/** Builds what the rooms of the network share, each thing once. What has to be closed goes to `owned`. */
export function buildParts(options: NetworkingOptions, owned: DisposableStack): NetworkParts {
  const { store, execRoot, log, hostNamespace, onEvent, cluster, files = hostFiles } = options
  const config = options.config()
  const table = new NetworkTable(store)
  const meters = createNetworkMeters()
  const ofHost = openHost(options, owned)
  const { host, background, reaper, resolver, uplink } = ofHost
  const plugins = new Plugins({ places: pluginPlaces(config.pluginDir), timeoutMs: config.pluginTimeout * 1000 })
  const onReturn = (id: string) => healReturned(parts, id)
  const remoteDrivers = new RemoteDrivers({ plugins, book: table, background, log, onReturn })
  const registry = new DriverRegistry(ownDrivers(driverSettings(options, uplink)), remoteDrivers)
  const elsewhere = cluster && new Elsewhere(cluster)
  const leavesForwarding = !config.ipForward
  const context = { host, hostNamespace, reaper, log, execRoot, leavesForwarding, ...driverShare(cluster) }
  const parts: NetworkParts = {
    ...ofHost,
    get config() {
      return options.config()
    },
    get shared() {
      return shared
    },
    execRoot,
    log,
    table,
    registry,
    drivers: new DriverCalls({ registry, context, peersOf: (networkId) => elsewhere?.peers(networkId) ?? [] }),
    addresses: new AddressBook(),
    pools: poolsOf(options),
    remoteIpam: new RemoteIpam({ plugins, table, log: log.child('ipam') }),
    linkHoles: new LinkHoles(),
    ports: new PortPublisher({ holder: resolver, hostNamespace, userlandProxy: carriesAll(config), meters }),
    announced: new AnnouncedNames({ hearer: resolver, table }),
    traffic: new Traffic(table),
    meters,
    announcer: owned.use(new Announcer({ table, log })),
    locks: new KeyedLock(),
    files,
    onEvent,
  }
  const shared = cluster && elsewhere && new SharedNetworks(parts, cluster, elsewhere, options.poller)
  return parts
}

/** The ways to this host's kernel and to its resolver, and what is done there meanwhile. */
function openHost(options: NetworkingOptions, owned: DisposableStack) {
  const { hostNamespace, log } = options
  const host = owned.use(new NetlinkSocket(hostNamespace))
  const background = new Background((what, error) => log.error(`cannot ${what}`, { error }))
  const reaper = new LinkReaper({ netlink: host, background })
  owned.defer(() => reaper.close())
  const resolver = owned.use(createResolverClient(options, background))
  const nft = owned.use(new NftContext(hostNamespace))
  return {
    host,
    hostNamespace,
    background,
    reaper,
    resolver,
    nft,
    firewall: createFirewall(options, nft, owned),
    uplink: new Uplink(host),
    hostRoutes: new HostRoutes(host),
  }
}

function createResolverClient(
  { execRoot, hostNamespace, resolverCommand, log }: NetworkingOptions,
  background: Background,
): ResolverClient {
  const place = { socketPath: join(execRoot, 'resolver.sock'), command: resolverCommand, hostNamespace }
  return new ResolverClient({ place, background, log: log.child('resolver') })
}

function createFirewall(
  { hostNamespace, config, log }: NetworkingOptions,
  nft: NftContext,
  owned: DisposableStack,
): NftFirewall {
  const writer = owned.use(new NftElements(hostNamespace, tableName))
  return new NftFirewall({ nft, writer, options: rulesetOptions(config()), log: log.child('firewall') })
}

function driverSettings({ store, config }: NetworkingOptions, uplink: Uplink): DriverSettings {
  const { cniPath, pluginTimeout, allowDirectRouting } = config()
  return {
    uplinkMtu: () => uplink.mtu,
    directRouting: allowDirectRouting,
    cni: { attachments: store.collection('cni-attachment'), cniPath, timeoutMs: pluginTimeout * 1000 },
  }
}

function rulesetOptions(config: NetworkConfig): RulesetOptions {
  const { iptables, ip6tables, publishedPortsObeyInput: obeyInput, bridgeAcceptFwmark: acceptMark } = config
  const unmanaged = [...(iptables ? [] : (['ipv4'] as const)), ...(ip6tables ? [] : (['ipv6'] as const))]
  return { proxyLoopback: hasProxy(config), obeyInput, acceptMark, unmanaged }
}

function hasProxy({ userlandProxy, iptables }: NetworkConfig): boolean {
  return userlandProxy || !iptables
}

/** Whether every published port is carried by the userland proxy. */
function carriesAll(config: NetworkConfig): boolean {
  return hasProxy(config) || config.publishedPortsObeyInput
}

function poolsOf({ config, engineId }: NetworkingOptions): NetworkParts['pools'] {
  const chosen = config().defaultAddressPools.map(({ base, size }) => pool(base, size))
  const ipv4 = chosen.some(({ base }) => base.family === 'ipv4') ? [] : defaultPools
  return [...chosen, ...ipv4, localIpv6Pool(createHash('sha256').update(engineId).digest())]
}
