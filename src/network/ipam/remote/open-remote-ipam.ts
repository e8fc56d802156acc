import type { Log } from '../../../base/log.ts'
import { pluginPlaces } from '../../../plugins/find-plugin.ts'
import { Plugins } from '../../../plugins/plugins.ts'
import type { NetworkConfig } from '../../config.ts'
import type { NetworkTable } from '../../network-table.ts'
import { RemoteIpam } from './remote-ipam.ts'

/** Opens the address managers that are plugins; none is spoken to yet. */
export function openRemoteIpam(
  { pluginDir, pluginTimeout }: Pick<NetworkConfig, 'pluginDir' | 'pluginTimeout'>,
  table: NetworkTable,
  log: Log,
): RemoteIpam {
  const plugins = new Plugins({ places: pluginPlaces(pluginDir), timeoutMs: pluginTimeout * 1000 })
  return new RemoteIpam({ plugins, table, log: log.child('ipam') })
}
