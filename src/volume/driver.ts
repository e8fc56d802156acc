import type { VolumeRecord } from './model.ts'

/** Where a driver's volume can be used, and where its files are if that is known before they are mounted. */
export interface MadeVolume {
  readonly scope: VolumeRecord['scope']
  readonly mountpoint?: string
}

/** One way to keep volumes. Calls for one volume never overlap; `remove` and `unmount` of what is not there are success. */
export interface VolumeDriver {
  readonly name: string
  /** @throws {EngineError} `invalid-argument` for names and options that cannot be */
  create(name: string, options: Readonly<Record<string, string>>): Promise<MadeVolume>
  remove(volume: VolumeRecord): Promise<void>
  /** Where its files are on the host; `""` when only a mount tells. */
  pathOf(volume: VolumeRecord): string
  /** Makes its files be there for one more user. @returns where */
  mount(volume: VolumeRecord, user: string): Promise<string>
  /** @param isLast  nobody else uses it */
  unmount(volume: VolumeRecord, user: string, isLast: boolean): Promise<void>
  /** What else the driver says of it. */
  status(volume: VolumeRecord): Promise<Readonly<Record<string, unknown>> | undefined>
}
