import type { Log } from '../base/log.ts'
import type { ShownPaths } from './shown-paths.ts'
import type { VolumeDrivers } from './volume-drivers.ts'
import type { VolumeTable } from './volume-table.ts'

/** What volumes are made of; see `open-volumes.ts`. */
export interface VolumeParts {
  readonly table: VolumeTable
  readonly drivers: VolumeDrivers
  readonly places: ShownPaths
  readonly log: Log
  /** Ids of the containers whose records name a volume. */
  usersOf(name: string): readonly string[]
  publish(action: string, name: string, attributes: Readonly<Record<string, string>>): void
}
