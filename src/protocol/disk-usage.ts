import type { ContainerSummary } from './container-summary.ts'
import type { ImageSummary } from './image.ts'
import type { VolumeView } from './volume.ts'

/** One record of the build cache. @source Docker Engine API v1.51, BuildCache */
export interface BuildCacheView {
  readonly ID: string
  /** Before API 1.42. */
  readonly Parent?: string
  readonly Parents?: readonly string[]
  readonly Type: string
  readonly Description: string
  readonly InUse: boolean
  readonly Shared: boolean
  /** Bytes. */
  readonly Size: number
  readonly CreatedAt: string
  readonly LastUsedAt: string | null
  readonly UsageCount: number
}

/** The answer of `GET /system/df`; what was not asked for is `null`. @source Docker Engine API v1.51, SystemDataUsage */
export interface DiskUsage {
  /** Bytes of all layers, each counted once. */
  readonly LayersSize: number
  readonly Images: readonly ImageSummary[] | null
  readonly Containers: readonly ContainerSummary[] | null
  readonly Volumes: readonly VolumeView[] | null
  readonly BuildCache: readonly BuildCacheView[] | null
  /** Bytes; before API 1.42. */
  readonly BuilderSize?: number
}
