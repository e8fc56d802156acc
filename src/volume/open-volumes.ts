import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import { pluginPlaces } from '../plugins/find-plugin.ts'
import { Plugins } from '../plugins/plugins.ts'
import type { Store } from '../store/store.ts'
import { LocalDriver } from './drivers/local/local-driver.ts'
import { VolumeDirs } from './drivers/local/volume-dirs.ts'
import type { VolumeRecord } from './model.ts'
import { NamedVolumes } from './named-volumes.ts'
import { ShownPaths } from './shown-paths.ts'
import { VolumeDrivers } from './volume-drivers.ts'
import { VolumeTable } from './volume-table.ts'
import type { OpenVolumes } from './volumes.ts'

/** What `openVolumes` builds on. */
export interface VolumesInit {
  readonly store: Store
  readonly dataRoot: string
  readonly execRoot: string
  /** Where drivers that are not ours are looked for, besides Docker's places. */
  readonly pluginDir: string
  /** Seconds for one call of a plugin. */
  readonly pluginTimeout: number
  readonly log: Log
  /** Ids of the containers whose records name a volume. */
  usersOf(name: string): readonly string[]
  publish(action: string, name: string, attributes: Readonly<Record<string, string>>): void
}

/** Opens the volumes of a store. Nothing is touched until `recover`. */
export function openVolumes(init: VolumesInit): OpenVolumes {
  const { store, dataRoot, execRoot, pluginDir, pluginTimeout, log } = init
  const dirs = new VolumeDirs(join(dataRoot, 'volumes'))
  const table = new VolumeTable(store.collection<VolumeRecord>('volume'))
  const plugins = new Plugins({ places: pluginPlaces(pluginDir), timeoutMs: pluginTimeout * 1000 })
  return new NamedVolumes({
    ...init,
    table,
    drivers: new VolumeDrivers({ local: new LocalDriver(dirs), plugins, table, log }),
    places: new ShownPaths(join(execRoot, 'volumes')),
  })
}
