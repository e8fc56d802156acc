import type { Descriptor } from '../kernel/descriptors.ts'
import type { VolumeRecord } from './model.ts'

/** A volume to make. */
export interface VolumeRequest {
  /** `""`: 64 hex digits are made up, and the volume is anonymous. */
  readonly name: string
  /** `""` is `local`. */
  readonly driver?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  /** The container that it is for: nobody can remove it until `settle` or `abandon`. */
  readonly holder?: string
}

/** How a container sees a volume. */
export interface MountView {
  readonly destination: string
  readonly propagation: string
  readonly readOnly: boolean
}

/** Which of its volumes each container uses that runs, as an earlier engine left them. */
export interface VolumeUses {
  isContainer(id: string): boolean
  readonly live: readonly { readonly name: string; readonly user: string }[]
}

/** Volumes as the rest of the engine sees them. Errors are `EngineError` with Docker's words. */
export interface Volumes {
  /** Makes a volume; one of that name that is there already is the answer. @throws {EngineError} `invalid-argument`, `not-found` for an unknown driver, `conflict` when it is another driver's */
  create(request: VolumeRequest): Promise<VolumeRecord>
  /** @throws {EngineError} `not-found` `get x: no such volume` */
  find(name: string): VolumeRecord
  list(): readonly VolumeRecord[]
  /** Ids of the containers that use it, running or not. */
  usersOf(name: string): readonly string[]
  /**
   * @param options  `force`: an absent one is success; `lastUser`: the container that is being removed does not count
   * @throws {EngineError} `conflict` while containers use it
   */
  remove(name: string, options?: { readonly force?: boolean; readonly lastUser?: string }): Promise<void>
  /** Removes what is wanted and used by nobody, one after the other. @returns names, and the bytes of their files */
  prune(
    wanted: (volume: VolumeRecord) => boolean,
  ): Promise<{ readonly names: readonly string[]; readonly bytes: number }>
  /** Whether its files are the engine's own: always there, and nobody else's. */
  ownsFiles(name: string): boolean
  /** Bytes of its files; -1 where they are not its own. */
  bytes(name: string): Promise<number>
  /** Where its files are on the host, once it is mounted; `""` when only its plugin knows. */
  pathOf(name: string): string
  /** What a plugin says of its volume; undefined when it says nothing. */
  statusOf(name: string): Promise<Readonly<Record<string, unknown>> | undefined>
  /** The container is recorded: what it holds is found by its record from now on. */
  settle(holder: string): void
  /** The container will not be: removes the anonymous volumes that were made for it. */
  abandon(holder: string): Promise<void>
  /**
   * Makes its files be there for a container. Call it again as often as you like.
   *
   * @param how  for the event, which a container that only copies does not cause
   * @returns where
   */
  mount(name: string, user: string, how?: MountView): Promise<string>
  /** The container needs it no more. Not mounted by it is success. @param options `quiet`: without an event */
  unmount(name: string, user: string, options?: { readonly quiet?: boolean }): Promise<void>
  /**
   * Makes a file or directory inside a mounted volume appear at a place of its own, which nobody in a container can change.
   *
   * @param key  distinguishes the places of one user
   * @throws {EngineError} `invalid-argument` when it is not there, or leads out of the volume
   */
  showPath(name: string, path: string, place: { readonly user: string; readonly key: string }): Promise<string>
  /** Takes away what `showPath` made for a user. */
  hidePaths(user: string): void
  /**
   * Copies a directory into the volume if this is empty: its files, its owner and mode.
   *
   * @param look  opens the directory, if there is one; asked only when the volume is empty
   */
  populate(name: string, look: () => Promise<Descriptor | undefined>): Promise<void>
}

/** The volumes, with what only the engine that opens them may do. */
export interface OpenVolumes extends Volumes {
  /** Finishes, or undoes, what the last engine was doing. */
  recover(uses: VolumeUses): Promise<void>
}
