import type { VolumeRecord } from './model.ts'

/** Where a driver's volume can be used, and where its files are if that is known before they are mounted. */
export interface MadeVolume {
  readonly scope: VolumeRecord['scope']
  readonly mountpoint?: string
}

/** The files of a volume that are the engine's own: always there, and nobody else's. */
export interface OwnFiles {
  /** @throws {EngineError} `internal` when somebody has removed their directory */
  check(): void
  bytes(): Promise<number>
  /** Copies into an empty volume that nobody uses: all appears at once, or nothing. @param directory  a descriptor */
  fillAtOnce(directory: number): Promise<void>
}

/** One way to keep volumes. Calls for one volume never overlap; `remove` and `unmount` of what is not there are success. */
export interface VolumeDriver {
  readonly name: string
  /** @throws {EngineError} `invalid-argument` for names and options that cannot be */
  create(name: string, options: Readonly<Record<string, string>>): Promise<MadeVolume>
  /** @param force  it is forgotten also when somebody else keeps it, and does not remove it */
  remove(volume: VolumeRecord, force: boolean): Promise<void>
  /** Where its files are on the host; `""` when only a mount tells. */
  pathOf(volume: VolumeRecord): string
  /** Undefined when they are only there while it is mounted, or somebody else's. */
  ownFiles(volume: VolumeRecord): OwnFiles | undefined
  /** Makes its files be there for one more user. @param isAgain  this user has it mounted. @returns where */
  mount(volume: VolumeRecord, user: string, isAgain: boolean): Promise<string>
  /** @param isLast  nobody else uses it */
  unmount(volume: VolumeRecord, user: string, isLast: boolean): Promise<void>
  /** Finishes what the last engine was doing with it. @param users  who has it mounted still */
  recover(volume: VolumeRecord, users: readonly string[]): Promise<void>
  /** What else the driver says of it. */
  status(volume: VolumeRecord): Promise<Readonly<Record<string, unknown>> | undefined>
}
