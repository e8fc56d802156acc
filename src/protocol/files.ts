/** What a path in a container leads to: JSON in base64, in a header. @source Docker Engine API v1.51, ContainerArchiveInfo */
export interface PathStat {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** As Go's `os.FileMode` has it: see `goFileMode` and `isDirectoryMode`. */
  readonly mode: number
  /** RFC 3339. */
  readonly mtime: string
  /** Where a link leads, in the container; else empty. */
  readonly linkTarget: string
}

/** The header that carries a `PathStat`. */
export const pathStatHeader = 'X-Docker-Container-Path-Stat'

/** The bits of Go's `os.FileMode` above the permissions. @source Go standard library, package io/fs, FileMode */
export const goModes = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  fifo: 2 ** 25,
  socket: 2 ** 24,
  setUserId: 2 ** 23,
  setGroupId: 2 ** 22,
  characterDevice: 2 ** 21,
  sticky: 2 ** 20,
} as const

/** Whether one of Go's mode bits is set: 32-bit operators would take the highest for a sign. */
export function hasGoMode(mode: number, bit: keyof typeof goModes): boolean {
  return Math.floor(mode / goModes[bit]) % 2 === 1
}

/** One path that a container changed: 0 modified, 1 added, 2 deleted. @source Docker Engine API v1.51, ContainerChanges */
export interface FilesystemChange {
  readonly Path: string
  readonly Kind: 0 | 1 | 2
}

/** The answer of `POST /commit`. @source Docker Engine API v1.51, ImageCommit */
export interface CommitAnswer {
  readonly Id: string
}
