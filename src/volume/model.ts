import type { StoredRecord } from '../store/store.ts'

/** On every volume whose name the engine chose. */
export const anonymousLabel = 'com.docker.volume.anonymous'

/** One volume. */
export interface VolumeRecord extends StoredRecord {
  readonly version: 1
  readonly name: string
  /** `"local"`, or the name of a plugin. */
  readonly driver: string
  readonly scope: 'local' | 'global'
  /** RFC 3339, UTC. */
  readonly created: string
  /** `null` when none were given: Docker tells the two apart. */
  readonly labels: Readonly<Record<string, string>> | null
  readonly options: Readonly<Record<string, string>> | null
  /** It is being removed: nobody sees it any more. */
  readonly removing?: boolean
  /** Id of the container that it was made for and that is not recorded yet. */
  readonly pendingFor?: string
  /** An image's files are being copied into it, in place: until they all are, it counts as empty. */
  readonly copying?: boolean
  /** Of a plugin's volume: where it said last that the files are. */
  readonly mountpoint?: string
  /** Of a plugin's volume: the containers for which it was asked to mount, and not to unmount yet. */
  readonly mountedBy?: readonly string[]
}

/** Whether the engine chose its name. */
export function isAnonymous({ labels }: Pick<VolumeRecord, 'labels'>): boolean {
  return labels !== null && Object.hasOwn(labels, anonymousLabel)
}
