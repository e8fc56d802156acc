import type { TmpfsMount } from '../mounts/parse-tmpfs.ts'

/** A directory or file of the host, shown in a container. */
export interface BindMount {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly propagation: string
  /** With what is mounted below it. */
  readonly recursive: boolean
  /** Whether a read-only mount makes what is mounted below it read-only too. */
  readonly readOnlyBelow: 'if-possible' | 'never' | 'always'
}

/** All that the user mounts into a container, with sources that are there. */
export interface UserMounts {
  readonly binds: readonly BindMount[]
  readonly tmpfs: readonly TmpfsMount[]
}
