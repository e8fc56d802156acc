import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { isErrno } from '../../base/errors.ts'
import { Descriptor } from '../descriptors.ts'
import { check, libcFunction } from '../libc.ts'
import { pathBytes } from './byte-paths.ts'

/** The same number on every architecture. @source include/uapi/asm-generic/unistd.h */
const SYS_openat2 = 437
const RESOLVE_IN_ROOT = 0x10n
const RESOLVE_BENEATH = 0x08n
const RESOLVE_NO_MAGICLINKS = 0x02n
/** A descriptor that only says which file it is. @source open(2) */
export const O_PATH = 0o10000000
const O_CLOEXEC = 0o2000000
/** `struct open_how { u64 flags, mode, resolve }`. @source include/uapi/linux/openat2.h */
const openHowBytes = 24
/** Each fails only if a mount or a rename comes within its microseconds. */
const openAttempts = 1000

const openat2 = libcFunction('long syscall(long number, long dir, const uint8_t *path, void *how, size_t size)')

/**
 * Looks into a directory tree as if it were `/`: links and `..` cannot lead out of it.
 *
 * @source openat2(2), "RESOLVE_IN_ROOT"; Linux 5.6 and later
 */
export class RootedFiles implements Disposable {
  readonly #root: Descriptor

  /** @param root  a directory, `/proc/<pid>/root` included */
  constructor(root: string) {
    this.#root = new Descriptor(openSync(root, O_PATH | constants.O_DIRECTORY))
  }

  /** The root itself. */
  get fd(): number {
    return this.#root.fd
  }

  /**
   * Opens what a path leads to, `O_CLOEXEC` besides `flags`; with `O_NOFOLLOW` not through a last link.
   *
   * @throws {KernelError} `ENOENT`, `ENOTDIR`, `ELOOP`, …
   */
  open(path: Buffer | string, flags: number): Descriptor {
    return new Descriptor(this.#openat2(path, flags, RESOLVE_IN_ROOT))
  }

  /** The text of a regular file; undefined when there is none. */
  read(path: string): string | undefined {
    // Non-blocking: a FIFO of that name must not make the engine wait.
    const fd = this.#open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (fd === undefined) return undefined
    try {
      return fstatSync(fd).isFile() ? readFileSync(fd, 'utf8') : undefined
    } finally {
      closeSync(fd)
    }
  }

  /** What a path, its links followed, leads to; undefined when it leads nowhere. */
  stat(path: string): Stats | undefined {
    const fd = this.#open(path, O_PATH)
    if (fd === undefined) return undefined
    try {
      return fstatSync(fd)
    } finally {
      closeSync(fd)
    }
  }

  /** What a path, its links followed, leads to, held by a descriptor; undefined when it leads nowhere. */
  hold(path: string): Descriptor | undefined {
    const fd = this.#open(path, O_PATH)
    return fd === undefined ? undefined : new Descriptor(fd)
  }

  /**
   * Like `hold`, for a path that must not even try to lead out: by `..`, or by a link to it or to an absolute path.
   *
   * @throws {KernelError} `EXDEV` when it does; `ENOENT` and the like when it leads nowhere
   */
  holdBeneath(path: string): Descriptor {
    return new Descriptor(this.#openat2(path, O_PATH, RESOLVE_BENEATH))
  }

  #open(path: string, flags: number): number | undefined {
    try {
      return this.#openat2(path, flags, RESOLVE_IN_ROOT)
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
      throw error
    }
  }

  #openat2(path: Buffer | string, flags: number, resolve: bigint): number {
    const how = Buffer.alloc(openHowBytes)
    how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0)
    how.writeBigUInt64LE(resolve | RESOLVE_NO_MAGICLINKS, 16)
    const bytes = pathBytes(path)
    for (let attempt = 1; ; attempt++) {
      try {
        return check(`open "${path}"`, openat2(SYS_openat2, this.#root.fd, bytes, how, how.length))
      } catch (error) {
        // Something was mounted or renamed somewhere, and the kernel cannot tell whether a `..` led out: openat2(2).
        if (!isErrno(error, 'EAGAIN') || attempt === openAttempts) throw error
      }
    }
  }

  [Symbol.dispose](): void {
    this.#root[Symbol.dispose]()
  }
}
