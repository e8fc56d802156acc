import type { Readable } from 'node:stream'
import type { RegistryAuth } from '../image/images.ts'

/** An image to build. */
export interface BuildRequest {
  /** `"name:tag"`, each. */
  readonly tags: readonly string[]
  /** Path in the context. */
  readonly dockerfile: string
  readonly buildArgs: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Name or number of the last stage to build; `""`: the last of the file. */
  readonly target: string
  /** `linux/arm64`; `""`: this machine's. */
  readonly platform: string
  /** `""` and `default`: the default bridge. `host`, `none`, `container:NAME`, or a network. */
  readonly networkMode: string
  /** `"name:address"`, each. */
  readonly extraHosts: readonly string[]
  readonly limits: BuildLimits
  /** `""`: the engine's own. */
  readonly cgroupParent: string
  readonly noCache: boolean
  /** Look for newer images, although there are some of those names. */
  readonly pull: boolean
  readonly squash: boolean
  /** By registry: `docker.io`, `localhost:5000`. */
  readonly credentials: ReadonlyMap<string, RegistryAuth>
}

/** What each command of a build may take. Bytes, microseconds; undefined: unlimited. */
export interface BuildLimits {
  readonly memory?: number
  /** Memory and swap together; -1: as much swap as there is. */
  readonly memorySwap?: number
  readonly cpuShares?: number
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly shmSize?: number
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
}

/** What a build tells while it goes on. */
export interface BuildReport {
  /** @returns a promise when the client is slow: wait for it */
  stream(text: string): Promise<void> | undefined
}

/** One image of the build cache. */
export interface CacheEntry {
  readonly id: string
  /** How it came to be: the step, or the image that was taken in. */
  readonly description: string
  /** `regular`: a step's result. `source.local`: an image that builds begin with. */
  readonly type: 'regular' | 'source.local'
  /** Bytes of the layer that it adds. */
  readonly size: number
  /** RFC 3339. */
  readonly created: string
  /** A build is under way. */
  readonly inUse: boolean
}

/** Builds images of Dockerfiles. */
export interface Builder {
  /**
   * Builds an image, and gives it its names. Of a build that fails or is stopped nothing is left but the cache.
   *
   * @param context  a tar archive, packed or not
   * @returns the image's id: `sha256:…`
   * @throws {EngineError} in Docker's words; `not-implemented`: buildah is not installed
   */
  build(request: BuildRequest, context: Readable, report: BuildReport, signal: AbortSignal): Promise<string>
  /** What earlier builds left for later ones. */
  cache(): readonly CacheEntry[]
  /** Forgets the cache; while a build goes on nothing of it is unused. @param before milliseconds since 1970 */
  prune(before?: number): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>
  /** Removes what builds of a dead engine left. */
  recover(): Promise<void>
  /** Stops what is under way. */
  close(): Promise<void>
}
