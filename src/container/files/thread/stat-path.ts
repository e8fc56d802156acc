import { constants, fstatSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import type { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { O_PATH, type RootedFiles } from '../../../kernel/files/rooted-files.ts'
import type { FoundPath } from '../job.ts'
import { directoryFlags } from './ensure-directory.ts'
import { calling, isCode } from './file-failure.ts'

/** As many links as Linux and Go follow before they call it a loop. */
const mostLinks = 255

/** A path as a client writes it, taken apart. */
export interface AskedPath {
  /** Absolute, without `.`, `..` and a slash at its end. */
  readonly path: string
  readonly parent: string
  /** `"/"` of the root, `"."` of `x/.`. */
  readonly name: string
  /** It ends in `/` or `/.`: what it leads to must be a directory, and a link is followed to it. */
  readonly isDirectory: boolean
}

/** Reads a path as Docker does: `..` goes up before any link is looked at, and never above the root. */
export function askPath(text: string): AskedPath {
  const path = posix.normalize(`/${text}`).replace(/(?<=.)\/$/, '')
  const dot = /(?:^|\/)\.$/.test(text)
  return {
    path,
    parent: posix.dirname(path),
    name: dot && path !== '/' ? '.' : posix.basename(path) || '/',
    isDirectory: dot || text.endsWith('/') || path === '/',
  }
}

/** Opens what a path names; a link itself, unless the path says that it is a directory. @throws {EngineError} `not-found` */
export function openAsked(root: RootedFiles, { path, isDirectory }: AskedPath): Descriptor {
  return calling('lstat', path, () => root.open(path, isDirectory ? directoryFlags : O_PATH | constants.O_NOFOLLOW))
}

/** Looks at what a path names. @throws {EngineError} `not-found` */
export function statPath(root: RootedFiles, text: string): FoundPath {
  const asked = askPath(text)
  using found = openAsked(root, asked)
  const stats = fstatSync(found.fd, { bigint: true })
  return {
    name: asked.name,
    mode: Number(stats.mode),
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    linkTarget: stats.isSymbolicLink() ? followLinks(root, asked.path) : '',
  }
}

/**
 * Where a path leads in the end, whether that exists or not: with every link on the way replaced by its target.
 *
 * Only told to clients, who ask again with it: nothing is opened by the answer.
 */
export function followLinks(root: RootedFiles, path: string): string {
  let done = '/'
  let rest = path.split('/').filter(Boolean)
  for (let links = 0; rest.length > 0; ) {
    const [part, ...others] = rest as [string, ...string[]]
    const target = part === '..' ? undefined : readLink(root, done, part)
    if (target === undefined) done = posix.join(done, part)
    else if (++links > mostLinks) return path
    if (target?.startsWith('/')) done = '/'
    rest = [...(target?.split('/').filter((name) => name !== '' && name !== '.') ?? []), ...others]
  }
  return done
}

function readLink(root: RootedFiles, parent: string, name: string): string | undefined {
  try {
    using directory = root.open(parent, directoryFlags)
    return readlinkSync(pathIn(directory.fd, Buffer.from(name)))
  } catch (error) {
    if (isCode(error, 'EINVAL', 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  }
}
