import type { Readable } from 'node:stream'
import type { StoredRecord } from '../store/store.ts'

/** The part of an OCI image configuration that a container starts from. Docker's field names, as stored in the image. */
export interface ImageRunConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, object>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly Healthcheck?: ImageHealthcheck
  readonly OnBuild?: readonly string[] | null
  readonly Shell?: readonly string[] | null
}

/** Durations are in nanoseconds, as Docker has them. */
export interface ImageHealthcheck {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** One step in which an image was made. */
export interface ImageHistoryEntry {
  readonly created?: string
  readonly createdBy?: string
  readonly comment?: string
  readonly emptyLayer?: boolean
}

/** One layer of an image. */
export interface ImageLayer {
  /** Of the uncompressed tar: names the unpacked directory. */
  readonly diffId: string
  /** Of the blob as stored. */
  readonly digest: string
  readonly mediaType: string
  /** Bytes of the blob. */
  readonly size: number
  /** Bytes of the files in it. */
  readonly unpackedSize: number
}

/** An image that is here: its configuration, its names, its layers. */
export interface ImageRecord extends StoredRecord {
  readonly version: 1
  /** `"sha256:<64 hex>"`: the digest of the image's configuration blob. */
  readonly id: string
  /** `"busybox:latest"`, short form, each name in at most one image. */
  readonly repoTags: readonly string[]
  /** `"busybox@sha256:…"` for pulled images. */
  readonly repoDigests: readonly string[]
  readonly created: string
  readonly author: string
  readonly comment: string
  readonly architecture: string
  readonly os: string
  readonly variant: string
  readonly config: ImageRunConfig
  readonly history: readonly ImageHistoryEntry[]
  /** Bottom first. */
  readonly layers: readonly ImageLayer[]
  /** Bytes of all unpacked layers. */
  readonly size: number
}

/** One line of a progress stream, as Docker's clients print it. @source Docker Engine API v1.51, ImageCreate */
export interface ProgressLine {
  readonly status?: string
  readonly id?: string
  readonly progress?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly stream?: string
  /** What was made, for programs: of a push, the digest. */
  readonly aux?: unknown
}

/** How to log in to a registry, as `X-Registry-Auth` carries it. */
export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

/** What a registry has under a name. @source Docker Engine API v1.51, DistributionInspect */
export interface RemoteDescription {
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly platforms: readonly { readonly architecture: string; readonly os: string; readonly variant: string }[]
}

/** An image that was made on this machine. */
export interface ImageAbsorption {
  readonly tags: readonly string[]
  /** Puts the tar of each layer into a directory, uncompressed: `sha256/<digits of its diff id>`. */
  layers(missing: readonly string[], into: string): Promise<void>
}

/** What an image of a container is made from, besides its changes. */
export interface CommitImageOptions {
  readonly parent: ImageRecord
  readonly config: ImageRunConfig
  /** As Dockerfile instructions. */
  readonly changes: readonly string[]
  /** What the container ran, for the history. */
  readonly createdBy: string
  readonly author: string
  readonly comment: string
  /** The name it gets; missing: none. */
  readonly reference?: string
}

/** The image store as the rest of the engine sees it. Errors are `EngineError` with Docker's words where it has them. */
export interface Images {
  /** By `name[:tag]`, `name@digest`, `sha256:…` or an id prefix. @throws {EngineError} `not-found` `No such image: x:latest` */
  find(reference: string): ImageRecord
  list(): readonly ImageRecord[]
  tag(reference: string, target: string): void
  /** Untags, and deletes the image with its last name. @param inUse ids of images that containers use; answers what it did, in order */
  remove(
    reference: string,
    options: { readonly force: boolean; readonly prune: boolean },
    inUse: ReadonlyMap<string, readonly { readonly containerId: string; readonly running: boolean }[]>,
  ): Promise<readonly { readonly Untagged?: string; readonly Deleted?: string }[]>
  importRootfs(
    tar: Readable,
    options: {
      readonly reference?: string
      readonly message?: string
      readonly changes: readonly string[]
      readonly platform?: string
    },
    signal: AbortSignal,
  ): Promise<ImageRecord>
  /** Makes an image of another one and what was changed in a container of it. */
  commit(layer: Readable, options: CommitImageOptions, signal: AbortSignal): Promise<ImageRecord>
  /** Reads docker-archive and OCI archives, compressed or not. Answers what it loaded: names, or ids where there is no name. */
  load(archive: Readable, report: (line: ProgressLine) => void, signal: AbortSignal): Promise<readonly string[]>
  /** One archive that both Docker and OCI tools read. */
  save(references: readonly string[], signal: AbortSignal): Promise<Readable>
  pull(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly platform?: string },
    report: (line: ProgressLine) => void,
    signal: AbortSignal,
  ): Promise<ImageRecord>
  /** Every tag of a repository; answers the images in the order of their tags. */
  pullAll(
    repository: string,
    options: { readonly auth?: RegistryAuth; readonly platform?: string },
    report: (line: ProgressLine) => void,
    signal: AbortSignal,
  ): Promise<readonly ImageRecord[]>
  /** Sends one tag, or, without a tag, all of a repository. @throws {EngineError} in Docker's words */
  push(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly platform?: string },
    report: (line: ProgressLine) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** Asks a registry whether it knows a user. @throws {EngineError} `unauthorized`, in Docker's words */
  login(
    address: string,
    user: { readonly username: string; readonly password: string },
    signal: AbortSignal,
  ): Promise<void>
  /** What a registry has under a name, without fetching it. @throws {EngineError} `not-found` and others */
  inspectRemote(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<RemoteDescription>
  /** Takes in what a builder made. @throws {EngineError} as `load` */
  absorb(config: Buffer, image: ImageAbsorption, signal: AbortSignal): Promise<ImageRecord>
  /** Keeps an image's blobs until the answer is disposed, and tells where each is by its digest. */
  borrow(image: ImageRecord): Disposable & { path(digest: string): string }
  /** Unpacked layer directories of an image, for overlay's `lowerdir`: top first. Unpacks what is missing. */
  layerDirs(image: ImageRecord): Promise<readonly string[]>
  /** Removes what an interrupted pull, load or import left. */
  recover(): Promise<void>
}
