import type { Background } from '../base/background.ts'
import type { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import type { NftContext } from '../kernel/nftables.ts'
import type { LinkReaper } from './cables/link-reaper.ts'
import type { NetworkConfig } from './config.ts'
import type { AnnouncedNames } from './dns/announced-names.ts'
import type { ResolverClient } from './dns/resolver-client.ts'
import type { DriverCalls } from './driver-calls.ts'
import type { DriverRegistry } from './drivers/driver-registry.ts'
import type { Announcer } from './endpoints/announcer.ts'
import type { NftFirewall } from './firewall/nft-firewall.ts'
import type { HostFiles } from './host-facts.ts'
import type { AddressBook } from './ipam/address-book.ts'
import type { Pool } from './ipam/pools.ts'
import type { RemoteIpam } from './ipam/remote/remote-ipam.ts'
import type { LinkHoles } from './links/link-holes.ts'
import type { NetworkMeters } from './meters.ts'
import type { NetworkTable } from './network-table.ts'
import type { NetworkEvent } from './networking.ts'
import type { PortPublisher } from './ports/publish.ts'
import type { Traffic } from './sandbox/traffic.ts'
import type { SharedNetworks } from './shared/shared-networks.ts'
import type { HostRoutes } from './surroundings/host-routes.ts'
import type { Uplink } from './surroundings/uplink.ts'

/** What the rooms of the network share; built once, by `openNetworking`. */
export interface NetworkParts {
  readonly config: NetworkConfig
  readonly execRoot: string
  readonly log: Log
  readonly table: NetworkTable
  readonly registry: DriverRegistry
  readonly drivers: DriverCalls
  readonly addresses: AddressBook
  readonly pools: readonly Pool[]
  readonly remoteIpam: RemoteIpam
  readonly nft: NftContext
  readonly firewall: NftFirewall
  readonly linkHoles: LinkHoles
  readonly ports: PortPublisher
  readonly resolver: ResolverClient
  readonly announced: AnnouncedNames
  readonly traffic: Traffic
  readonly meters: NetworkMeters
  /** Undefined while the engine is alone. */
  readonly shared: SharedNetworks | undefined
  readonly announcer: Announcer
  readonly reaper: LinkReaper
  readonly background: Background
  /** Keys, in the order of taking: `network <name>`, `container <id>`. Addresses are taken in one synchronous step. */
  readonly locks: KeyedLock
  readonly host: NetlinkSocket
  readonly hostNamespace: NetworkNamespace
  readonly hostRoutes: HostRoutes
  readonly files: HostFiles
  readonly uplink: Uplink
  readonly onEvent: (event: NetworkEvent) => void
}
