import type { ContainerConfig } from './container.ts'

/** One image of a list. @source Docker Engine API v1.51, ImageList */
export interface ImageSummary {
  readonly Id: string
  readonly ParentId: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  /** Seconds since 1970. */
  readonly Created: number
  /** Bytes. */
  readonly Size: number
  /** -1: not counted. */
  readonly SharedSize: number
  /** Before API 1.44: the same as `Size`. */
  readonly VirtualSize?: number
  readonly Labels: Readonly<Record<string, string>> | null
  /** Since API 1.51; -1: not counted. */
  readonly Containers: number
}

/** One image. @source Docker Engine API v1.51, ImageInspect */
export interface ImageInspect {
  readonly Id: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  readonly Parent: string
  readonly Comment: string
  readonly Created: string
  readonly DockerVersion: string
  readonly Author: string
  /** Before API 1.45. */
  readonly Container?: string
  readonly ContainerConfig?: ContainerConfig
  readonly Config: ContainerConfig
  readonly Architecture: string
  readonly Variant?: string
  readonly Os: string
  readonly Size: number
  /** Before API 1.44: the same as `Size`. */
  readonly VirtualSize?: number
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null }
  readonly RootFS: { readonly Type: 'layers'; readonly Layers: readonly string[] }
  readonly Metadata: { readonly LastTagTime: string }
}

/** One step of an image's making, the newest first. @source Docker Engine API v1.51, ImageHistory */
export interface ImageHistoryItem {
  /** The image's id, and `"<missing>"` for what lies below. */
  readonly Id: string
  /** Seconds since 1970. */
  readonly Created: number
  readonly CreatedBy: string
  readonly Tags: readonly string[] | null
  readonly Size: number
  readonly Comment: string
}

/** One line of a progress stream; `error` ends it. @source Docker Engine API v1.51, ImageCreate */
export interface ProgressMessage {
  readonly status?: string
  readonly id?: string
  readonly progress?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly stream?: string
  readonly error?: string
  /** `code`: of the command of a build that failed. */
  readonly errorDetail?: { readonly code?: number; readonly message: string }
}

/** One step of an image's removal. @source Docker Engine API v1.51, ImageDelete */
export interface ImageDeletion {
  readonly Untagged?: string
  readonly Deleted?: string
}
