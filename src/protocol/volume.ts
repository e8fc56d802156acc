import { fields, map, type Schema, text } from './schema.ts'

/** The body of `POST /volumes/create`. @source Docker Engine API v1.51, VolumeCreate */
export interface VolumeCreateBody {
  readonly Name?: string
  readonly Driver?: string
  readonly DriverOpts?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
}

/** The schema of `VolumeCreateBody`. */
export const volumeCreateSchema: Schema = fields({
  Name: text,
  Driver: text,
  DriverOpts: map(text),
  Labels: map(text),
})

/** One volume. @source Docker Engine API v1.51, Volume */
export interface VolumeView {
  readonly CreatedAt: string
  readonly Driver: string
  readonly Labels: Readonly<Record<string, string>> | null
  /** Where its files are on the host. */
  readonly Mountpoint: string
  readonly Name: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Scope: string
  /** What a plugin says of its volume. */
  readonly Status?: Readonly<Record<string, unknown>>
  /** Only in the answer of `GET /system/df`. -1: not counted. */
  readonly UsageData?: { readonly RefCount: number; readonly Size: number }
}

/** The answer of `GET /volumes`. @source Docker Engine API v1.51, VolumeList */
export interface VolumeList {
  readonly Volumes: readonly VolumeView[]
  readonly Warnings: readonly string[] | null
}

/** The answer of `POST /volumes/prune`. @source Docker Engine API v1.51, VolumePrune */
export interface VolumePruneAnswer {
  readonly VolumesDeleted: readonly string[] | null
  /** Bytes. */
  readonly SpaceReclaimed: number
}
