import { constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { EngineError } from '../../../base/errors.ts'
import { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import type { RootedFiles } from '../../../kernel/files/rooted-files.ts'
import type { TarEntry } from '../../../wire/tar/tar-entry.ts'
import type { TarSink } from '../../../wire/tar/tar-parser.ts'
import { clearPlace } from './clear-place.ts'
import { directoryFlags, ensureDirectory } from './ensure-directory.ts'
import { setAttributes, setTimes } from './entry-attributes.ts'
import { type EntryPlace, placeOf, shownPath } from './entry-place.ts'
import { calling, isCode } from './file-failure.ts'
import { makeEntry } from './make-entry.ts'

/** Where an archive is unpacked, and how. */
export interface TreeWish {
  readonly root: RootedFiles
  /** A directory, with no link in its path; a character for each byte. */
  readonly destination: string
  /** Who gets what is unpacked; `undefined`: whom the archive says. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** Refuse to put a file in the place of a directory, and the other way round. */
  readonly keepsKinds: boolean
}

/** The regular file that is being written. */
interface OpenFile {
  readonly entry: TarEntry
  readonly place: EntryPlace
  readonly file: Descriptor
  /** Where the last bytes that were written ended. */
  end: number
}

/** So many zeros in a row become a hole; fewer are written: a block of the disk holds them. */
const holeBytes = 4096
const zeros = Buffer.alloc(64 * 1024)
/** A process in the container may make a file there again and again. */
const mostAttempts = 20
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Makes the files of an archive below a directory of a container.
 *
 * Whatever somebody in the container renames meanwhile, and whatever links the archive has: each file is made in a
 * directory that was opened inside the container's root, by its last name, which is never followed.
 */
export class TreeWriter implements TarSink, Disposable {
  readonly #wish: TreeWish
  /** The directory that the last entry went to: the next one mostly goes there too. */
  #parent: { readonly path: string; readonly directory: Descriptor } | undefined
  #file: OpenFile | undefined
  /** Their times are set at the end: what is put into them changes these. */
  readonly #directories: { readonly place: EntryPlace; readonly mtimeNs: bigint }[] = []

  constructor(wish: TreeWish) {
    this.#wish = wish
  }

  /** @throws {EngineError} `invalid-argument` for a path that leads out; Docker's words */
  entry(entry: TarEntry): void {
    const { destination, keepsKinds, owner } = this.#wish
    const place = placeOf(destination, entry.name)
    const isDirectory = entry.type === '5'
    if (place === undefined) {
      if (isDirectory) return // the destination stays as it is
      throw new EngineError('invalid-argument', `cannot overwrite directory "${shownPath(destination)}"`)
    }
    const owned = owner === undefined ? entry : { ...entry, ...owner }
    for (let attempt = 1; ; attempt++) {
      try {
        const stays = clearPlace(this.#at(place), place, { isDirectory, keepsKinds, destination })
        if (entry.type === '0') this.#begin(owned, place)
        else this.#make(owned, place, stays)
        return
      } catch (error) {
        // Somebody was faster: another copy, or a process in the container.
        if (!isConflict(error) || attempt === mostAttempts) throw error
      }
    }
  }

  data(chunk: Buffer, offset: number): void {
    const open = this.#file!
    const path = shownPath(open.place.path)
    for (let at = 0; at < chunk.length; at += zeros.length) {
      const piece = chunk.subarray(at, at + zeros.length)
      if (piece.length >= holeBytes && piece.equals(zeros.subarray(0, piece.length))) continue
      calling('write', path, () => writeAll(open.file.fd, piece, offset + at))
      open.end = offset + at + piece.length
    }
  }

  entryEnd(): void {
    const open = this.#file
    if (open === undefined) return
    const { entry, place, file, end } = open
    if (end < entry.size) calling('truncate', shownPath(place.path), () => ftruncateSync(file.fd, entry.size))
    setAttributes(this.#at(place), entry, place, file)
    file[Symbol.dispose]()
    this.#file = undefined
    setTimes(this.#at(place), entry.mtimeNs)
  }

  /** Gives the directories their times. */
  finish(): void {
    for (const { place, mtimeNs } of this.#directories) {
      using parent = this.#openIfThere(place.parent)
      if (parent) setTimes(pathIn(parent.fd, place.name), mtimeNs)
    }
  }

  /** A file that is not whole is taken away. */
  [Symbol.dispose](): void {
    const open = this.#file
    this.#file = undefined
    open?.file[Symbol.dispose]()
    try {
      if (open !== undefined) unlinkSync(this.#at(open.place))
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
    } finally {
      this.#parent?.directory[Symbol.dispose]()
    }
  }

  /** The place in its directory, which is opened, and made when it is missing. */
  #at({ parent, name }: EntryPlace): Buffer {
    if (this.#parent?.path !== parent) {
      this.#parent?.directory[Symbol.dispose]()
      this.#parent = undefined
      const directory = ensureDirectory(this.#wish.root, Buffer.from(parent, 'latin1'))
      this.#parent = { path: parent, directory }
    }
    return pathIn(this.#parent.directory.fd, name)
  }

  /** The archive itself may have replaced a directory that it made. */
  #openIfThere(path: string): Descriptor | undefined {
    try {
      return this.#wish.root.open(Buffer.from(path, 'latin1'), directoryFlags)
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined
      throw error
    }
  }

  #begin(entry: TarEntry, place: EntryPlace): void {
    const fd = calling('open', shownPath(place.path), () => openSync(this.#at(place), newFile, 0o600))
    this.#file = { entry, place, file: new Descriptor(fd), end: 0 }
  }

  #make(entry: TarEntry, place: EntryPlace, stays: boolean): void {
    const at = this.#at(place)
    if (!stays) makeEntry(at, entry, place, this.#wish)
    if (entry.type === '1') return // the file has its attributes
    setAttributes(at, entry, place)
    if (entry.type === '5') this.#directories.push({ place, mtimeNs: entry.mtimeNs })
    else setTimes(at, entry.mtimeNs)
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}

function isConflict(error: unknown): boolean {
  return error instanceof EngineError && error.kind === 'conflict'
}
