import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { DefaultBridgeConfig } from '../config.ts'
import { defaultBridgeOptions } from './bridge/default-network.ts'
import { bridgeLabels } from './bridge/options.ts'

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
