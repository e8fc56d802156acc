import { type BigIntStats, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { splitDevice } from '../../../kernel/files/file-nodes.ts'
import { isOpaque, overlayAttributes } from '../../../kernel/files/overlay-marks.ts'
import type { RootedFiles } from '../../../kernel/files/rooted-files.ts'
import { getXattr, listXattrs } from '../../../kernel/files/xattrs.ts'
import type { TarEntry } from '../../../wire/tar/tar-entry.ts'
import { directoryFlags } from './ensure-directory.ts'
import { calling, isCode } from './file-failure.ts'
import { askPath } from './stat-path.ts'
import { TarOutput } from './tar-output.ts'

/** What a path names, packed as `docker cp` wants it: all names begin with the last part of the path. */
export function packPath(root: RootedFiles, text: string, outputFd: number): void {
  const asked = askPath(text)
  const output = new TarOutput(outputFd)
  const tree = new TreePacker(output)
  const { path, parent, name, isDirectory } = asked
  if (isDirectory) {
    using directory = calling('open', path, () => root.open(path, directoryFlags))
    tree.directory(Buffer.from(`/proc/self/fd/${directory.fd}/.`), Buffer.from(name === '/' ? '/' : `${name}/`))
  } else {
    using directory = calling('open', parent, () => root.open(parent, directoryFlags))
    tree.node(directory.fd, Buffer.from(name), Buffer.of())
  }
  output.end()
}

/** A whole root file system; names are relative to it. */
export function packAll(root: RootedFiles, outputFd: number): void {
  const output = new TarOutput(outputFd)
  new TreePacker(output).children(root.fd, Buffer.of())
  output.end()
}

/** What an overlay's upper directory holds, as a layer of an image: with whiteout files for its marks. */
export function packLayer(upper: string, outputFd: number): void {
  const output = new TarOutput(outputFd)
  using directory = new Descriptor(openSync(upper, directoryFlags))
  new TreePacker(output, true).children(directory.fd, Buffer.of())
  output.end()
}

/** Walks a tree by open directories, so that no link that is put in the place of one leads it elsewhere. */
class TreePacker {
  readonly #output: TarOutput
  readonly #asLayer: boolean
  /** Names of files that have several, by device and inode. */
  readonly #linked = new Map<string, Buffer>()

  constructor(output: TarOutput, asLayer = false) {
    this.#output = output
    this.#asLayer = asLayer
  }

  /** @param prefix  of the names in the archive, with its slash */
  children(directoryFd: number, prefix: Buffer): void {
    const names = readdirSync(`/proc/self/fd/${directoryFd}`, { encoding: 'buffer' })
    for (const name of names.sort(Buffer.compare)) this.node(directoryFd, name, prefix)
  }

  /** One thing in an open directory, with all that is in it. What is gone by now is not there. */
  node(directoryFd: number, name: Buffer, prefix: Buffer): void {
    const path = pathIn(directoryFd, name)
    const entryName = Buffer.concat([prefix, name])
    try {
      const stats = lstatSync(path, { bigint: true })
      if (stats.isDirectory()) this.directory(path, Buffer.concat([entryName, slash]))
      else if (stats.isFile()) this.#file(path, entryName, stats)
      else if (!stats.isSocket()) this.#special(path, entryName, stats, prefix, name)
    } catch (error) {
      if (!isCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error
    }
  }

  /** @param name  in the archive, with its slash */
  directory(path: Buffer, name: Buffer): void {
    using directory = new Descriptor(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW))
    const opened = Buffer.from(`/proc/self/fd/${directory.fd}/.`)
    this.#output.entry(this.#entry(opened, name, '5', fstatSync(directory.fd, { bigint: true })))
    if (this.#asLayer && isOpaque(opened)) this.#whiteout(Buffer.concat([name, Buffer.from('.wh..wh..opq')]))
    this.children(directory.fd, name)
  }

  #file(path: Buffer, name: Buffer, seen: BigIntStats): void {
    if (this.#isKnown(path, name, seen)) return
    // Non-blocking: it may have become a FIFO meanwhile.
    using file = new Descriptor(
      openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY),
    )
    const stats = fstatSync(file.fd, { bigint: true })
    if (stats.isFile()) this.#output.file(this.#entry(path, name, '0', stats), file.fd)
  }

  #special(path: Buffer, name: Buffer, stats: BigIntStats, prefix: Buffer, last: Buffer): void {
    if (this.#asLayer && stats.isCharacterDevice() && stats.rdev === 0n) {
      this.#whiteout(Buffer.concat([prefix, Buffer.from('.wh.'), last]))
    } else if (stats.isSymbolicLink()) {
      const linkName = readlinkSync(path, { encoding: 'buffer' })
      this.#output.entry({ ...this.#entry(path, name, '2', stats), linkName })
    } else if (!this.#isKnown(path, name, stats)) {
      const type = stats.isCharacterDevice() ? '3' : stats.isBlockDevice() ? '4' : '6'
      const { major, minor } = splitDevice(stats.rdev)
      this.#output.entry({ ...this.#entry(path, name, type, stats), deviceMajor: major, deviceMinor: minor })
    }
  }

  /** Of a file with several names the further ones are links to the first. */
  #isKnown(path: Buffer, name: Buffer, stats: BigIntStats): boolean {
    if (stats.nlink < 2n) return false
    const key = `${stats.dev}:${stats.ino}`
    const first = this.#linked.get(key)
    if (first === undefined) this.#linked.set(key, name)
    else this.#output.entry({ ...this.#entry(path, name, '1', stats), linkName: first })
    return first !== undefined
  }

  #entry(path: Buffer, name: Buffer, type: string, stats: BigIntStats): TarEntry {
    return {
      ...nothing,
      name,
      type,
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      size: type === '0' ? Number(stats.size) : 0,
      mtimeNs: stats.mtimeNs,
      xattrs: type === '1' || type === '2' ? nothing.xattrs : readXattrs(path),
    }
  }

  #whiteout(name: Buffer): void {
    this.#output.entry({ ...nothing, name })
  }
}

const slash = Buffer.from('/')

const nothing: TarEntry = {
  name: Buffer.of(),
  type: '0',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  linkName: Buffer.of(),
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: new Map(),
}

/** Labels that this host has given belong to this host. */
function isPacked(name: string): boolean {
  return !name.startsWith(overlayAttributes) && !/^security\.(?!capability$)/.test(name)
}

function readXattrs(path: Buffer): ReadonlyMap<string, Buffer> {
  const names = listXattrs(path).filter(isPacked)
  if (names.length === 0) return nothing.xattrs
  return new Map(names.flatMap((name) => [[name, getXattr(path, name)] as const]).filter(hasValue))
}

function hasValue(pair: readonly [string, Buffer | undefined]): pair is readonly [string, Buffer] {
  return pair[1] !== undefined
}
