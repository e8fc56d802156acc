import { EngineError } from '../base/errors.ts'
import { KernelFeatures } from '../kernel/host/features.ts'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import type { DefaultBridgeConfig } from './config.ts'
import type { NetworkDriver } from './driver.ts'
import { BareDriver } from './drivers/bare/bare-driver.ts'
import { BridgeDriver } from './drivers/bridge/bridge-driver.ts'
import { defaultBridgeOptions } from './drivers/bridge/default-network.ts'
import { bridgeLabels } from './drivers/bridge/options.ts'
import type { KeeperSettings } from './drivers/cni/attachment-keeper.ts'
import { CniDriver } from './drivers/cni/cni-driver.ts'
import { IpvlanDriver } from './drivers/ipvlan/ipvlan-driver.ts'
import { MacvlanDriver } from './drivers/macvlan/macvlan-driver.ts'
import { HostGwDriver } from './drivers/overlay/host-gw/host-gw-driver.ts'
import { OverlayDriver } from './drivers/overlay/overlay-driver.ts'
import { ParentUsers } from './drivers/parent/parent-users.ts'
import type { RemoteDrivers } from './drivers/remote/remote-drivers.ts'

/** The drivers by name: the only file that knows which there are. */
export class DriverRegistry {
  readonly #drivers: ReadonlyMap<string, NetworkDriver>
  readonly #plugins: RemoteDrivers

  /** @param plugins  what is no driver of ours is looked for among them */
  constructor(drivers: readonly NetworkDriver[], plugins: RemoteDrivers) {
    this.#drivers = new Map(drivers.map((driver) => [driver.name, driver]))
    this.#plugins = plugins
  }

  /**
   * Makes sure that `driver` knows it, also when it is a plugin.
   *
   * @throws {EngineError} `not-found` with Docker's words; `internal` when the plugin does not answer, or is something else
   */
  async find(name: string): Promise<void> {
    if (!this.#drivers.has(name)) await this.#plugins.find(name)
  }

  /** A driver that a record names: `driver` knows it, whether its plugin is there or not. */
  recall(name: string): void {
    if (!this.#drivers.has(name)) this.#plugins.recall(name)
  }

  /** The engine has started: plugins are greeted. */
  async resume(): Promise<void> {
    await this.#plugins.resume()
  }

  /** @throws {EngineError} `not-found` with Docker's words */
  driver(name: string): NetworkDriver {
    const driver = this.#drivers.get(name) ?? this.#plugins.get(name)
    if (driver === undefined) throw new EngineError('not-found', `plugin ${JSON.stringify(name)} not found`)
    return driver
  }

  /** The driver that does the work for a network with these options. @throws {EngineError} as `driver` */
  driverFor(name: string, options: Readonly<Record<string, string>>): NetworkDriver {
    const named = this.driver(name)
    return named.backendFor?.(options) ?? named
  }

  all(): readonly NetworkDriver[] {
    const own = [...this.#drivers.values()].flatMap((driver) => [driver, ...(driver.backends ?? [])])
    return [...own, ...this.#plugins.all()]
  }
}

/**
 * The drivers that come with the engine, and those that are plugins.
 *
 * @param uplinkMtu     bytes that the host's way out carries now
 * @param directRouting published ports are reached at the containers' own addresses too
 * @param plugins       the drivers that are plugins
 * @param cni           where CNI plugins are, and what is kept of their containers
 */
export function openRegistry(
  uplinkMtu: () => number,
  directRouting: boolean,
  plugins: RemoteDrivers,
  cni: KeeperSettings,
): DriverRegistry {
  const parents = { users: new ParentUsers(), kernel: new KernelFeatures() }
  // A driver knows only its own plans, and is only ever given those back.
  const bridge = new BridgeDriver({ uplinkMtu, directRouting }) as NetworkDriver
  const drivers = [
    bridge,
    new OverlayDriver({ 'host-gw': new HostGwDriver(bridge) as NetworkDriver }) as NetworkDriver,
    new MacvlanDriver(parents) as NetworkDriver,
    new IpvlanDriver(parents) as NetworkDriver,
    new CniDriver(cni) as NetworkDriver,
    new BareDriver('host') as NetworkDriver,
    new BareDriver('null') as NetworkDriver,
  ]
  return new DriverRegistry(drivers, plugins)
}

/** A network that is always there: what its record says, before it has an id. */
export interface PredefinedNetwork {
  readonly name: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
}

/** Where containers get a way out that have none of their own. It is made when the first one needs it. */
export const gatewayNetwork: PredefinedNetwork = {
  name: 'docker_gwbridge',
  driver: 'bridge',
  options: {
    [bridgeLabels.name]: 'docker_gwbridge',
    [bridgeLabels.icc]: 'false',
    [bridgeLabels.masquerade]: 'true',
  },
}

/**
 * The networks that the engine makes by itself.
 *
 * @param before options of the default network until now, when there is one
 */
export function predefinedNetworks(
  host: NetlinkSocket,
  config: DefaultBridgeConfig,
  before?: Readonly<Record<string, string>>,
): readonly PredefinedNetwork[] {
  const options = defaultBridgeOptions(host, config, before)
  return [
    ...(config.bridge === 'none' ? [] : [{ name: 'bridge', driver: 'bridge', options }]),
    { name: 'host', driver: 'host', options: {} },
    { name: 'none', driver: 'null', options: {} },
  ]
}
