import type { ImageDeletion } from './image.ts'

/** The answer of `POST /containers/create`. @source Docker Engine API v1.51, ContainerCreate */
export interface CreatedContainer {
  readonly Id: string
  readonly Warnings?: readonly string[] | null
}

/** The answer of `POST /networks/create`. @source Docker Engine API v1.51, NetworkCreate */
export interface CreatedNetwork {
  readonly Id: string
  readonly Warning?: string
}

/** A container's processes, as `ps` lists them. @source Docker Engine API v1.51, ContainerTop */
export interface TopAnswer {
  readonly Titles: readonly string[]
  readonly Processes: readonly (readonly string[])[] | null
}

/** What was removed because nobody used it. @source Docker Engine API v1.51, ContainerPrune, ImagePrune, NetworkPrune */
export interface PruneAnswer {
  readonly ContainersDeleted?: readonly string[] | null
  readonly ImagesDeleted?: readonly ImageDeletion[] | null
  readonly NetworksDeleted?: readonly string[] | null
  /** Bytes. */
  readonly SpaceReclaimed?: number
}
