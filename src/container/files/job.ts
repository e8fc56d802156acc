import type { ErrorKind } from '../../base/errors.ts'
import type { OverlayMount } from '../../kernel/mounts.ts'

/** A directory or a file of the host that a container sees. */
export interface BoundPath {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
}

/** How a thread gets at a container's files. */
export type FileView =
  /** The root is open already. */
  | { readonly kind: 'open'; readonly rootFd: number }
  /** It is to be mounted where nobody else sees it. @property keeps  whether what is written stays */
  | {
      readonly kind: 'private'
      readonly overlay: OverlayMount
      readonly keeps: boolean
      readonly bound: readonly BoundPath[]
    }

/** How an archive is unpacked. */
export interface UnpackOptions {
  /** Refuse to put a file in the place of a directory, and the other way round. */
  readonly noOverwriteDirNonDir: boolean
  /** Who gets the files, by the container's accounts (`"web:audio"`), instead of whom the archive says. */
  readonly owner: string | undefined
  readonly readOnlyRoot: boolean
  /** What is mounted into the container by its user: these say whether a path may be written. */
  readonly mounted: readonly Pick<BoundPath, 'target' | 'readOnly'>[]
}

/** Work for a thread. Descriptors in it are the thread's to close, but for `rootFd`. */
export type FileJob =
  | { readonly kind: 'stat'; readonly view: FileView; readonly path: string }
  | { readonly kind: 'pack'; readonly view: FileView; readonly path: string; readonly outputFd: number }
  | { readonly kind: 'pack-all'; readonly view: FileView; readonly outputFd: number }
  | {
      readonly kind: 'unpack'
      readonly view: FileView
      readonly path: string
      readonly inputFd: number
      readonly options: UnpackOptions
    }
  | { readonly kind: 'changes'; readonly upper: string; readonly lower: readonly string[] }
  | { readonly kind: 'pack-layer'; readonly upper: string; readonly outputFd: number }

/** What a path leads to. */
export interface FoundPath {
  readonly name: string
  /** As stat(2) has it, with the type. */
  readonly mode: number
  readonly size: number
  readonly mtimeNs: bigint
  /** Of a link: where it leads in the end, as a path in the container; else empty. */
  readonly linkTarget: string
}

/** One path that a container changed. */
export interface FileChange {
  readonly kind: 'modified' | 'added' | 'deleted'
  readonly path: string
}

/** What a thread says of its work: maybe `found`, then one of the others, which ends it. */
export type FileAnswer =
  | { readonly kind: 'found'; readonly found: FoundPath }
  | { readonly kind: 'done'; readonly changes?: readonly FileChange[] }
  | { readonly kind: 'failed'; readonly error: { readonly kind: ErrorKind | undefined; readonly message: string } }
