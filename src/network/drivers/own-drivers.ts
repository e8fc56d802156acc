import { KernelFeatures } from '../../kernel/host/features.ts'
import type { NetworkDriver } from '../driver.ts'
import { BareDriver } from './bare/bare-driver.ts'
import { BridgeDriver } from './bridge/bridge-driver.ts'
import type { KeeperSettings } from './cni/attachment-keeper.ts'
import { CniDriver } from './cni/cni-driver.ts'
import { IpvlanDriver } from './ipvlan/ipvlan-driver.ts'
import { MacvlanDriver } from './macvlan/macvlan-driver.ts'
import { HostGwDriver } from './overlay/host-gw/host-gw-driver.ts'
import { OverlayDriver } from './overlay/overlay-driver.ts'
import { ParentUsers } from './parent/parent-users.ts'

/** The driver of networks for which nobody names one. */
export const defaultDriver = 'bridge'

/** What our drivers are built from. */
export interface DriverSettings {
  /** Bytes that the host's way out carries now. */
  readonly uplinkMtu: () => number
  /** Published ports are reached at the containers' own addresses too. */
  readonly directRouting: boolean
  /** Where CNI plugins are, and what is kept of their containers. */
  readonly cni: KeeperSettings
}

/** The drivers that come with the engine: the only place that knows which there are. */
export function ownDrivers({ cni, ...bridges }: DriverSettings): readonly NetworkDriver[] {
  const parents = { users: new ParentUsers(), kernel: new KernelFeatures() }
  // A driver knows only its own plans, and is only ever given those back.
  const bridge = new BridgeDriver(bridges) as NetworkDriver
  return [
    bridge,
    new OverlayDriver({ 'host-gw': new HostGwDriver(bridge) as NetworkDriver }) as NetworkDriver,
    new MacvlanDriver(parents) as NetworkDriver,
    new IpvlanDriver(parents) as NetworkDriver,
    new CniDriver(cni) as NetworkDriver,
    new BareDriver('host') as NetworkDriver,
    new BareDriver('null') as NetworkDriver,
  ]
}
