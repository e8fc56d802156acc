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
import { OverlayDriver } from './drivers/overlay/overlay-driver.ts'
import { ParentUsers } from './drivers/parent/parent-users.ts'

/** The drivers by name: the only file that knows which there are. */
export class DriverRegistry {
  readonly #drivers: ReadonlyMap<string, NetworkDriver>

  constructor(drivers: readonly NetworkDriver[]) {
    this.#drivers = new Map(drivers.map((driver) => [driver.name, driver]))
  }

  /** @throws {EngineError} `not-found` with Docker's words */
  driver(name: string): NetworkDriver {
    const driver = this.#drivers.get(name)
    if (driver === undefined) throw new EngineError('not-found', `plugin ${JSON.stringify(name)} not found`)
    return driver
  }

  all(): readonly NetworkDriver[] {
    return [...this.#drivers.values()]
  }
}

/**
 * The drivers that come with the engine.
 *
 * @param uplinkMtu     bytes that the host's way out carries now
 * @param directRouting published ports are reached at the containers' own addresses too
 * @param cni           where CNI plugins are, and what is kept of their containers
 */
export function builtinDrivers(uplinkMtu: () => number, directRouting: boolean, cni: KeeperSettings): DriverRegistry {
  const parents = { users: new ParentUsers(), kernel: new KernelFeatures() }
  // A driver knows only its own plans, and is only ever given those back.
  return new DriverRegistry([
    new BridgeDriver({ uplinkMtu, directRouting }) as NetworkDriver,
    new OverlayDriver() as NetworkDriver,
    new MacvlanDriver(parents) as NetworkDriver,
    new IpvlanDriver(parents) as NetworkDriver,
    new CniDriver(cni) as NetworkDriver,
    new BareDriver('host') as NetworkDriver,
    new BareDriver('null') as NetworkDriver,
  ])
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
