import { lstatSync } from 'node:fs'
import { check, libcFunction } from './libc.ts'

const S_IFCHR = 0o020000
const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const opaqueAttribute = 'trusted.overlay.opaque'

const mknod = libcFunction('int mknod(const uint8_t *path, uint32_t mode, uint64_t dev)')
const lsetxattr = libcFunction(
  'int lsetxattr(const uint8_t *path, const char *name, const char *value, size_t size, int flags)',
)
const utimensat = libcFunction('int utimensat(int dirfd, const uint8_t *path, const uint8_t *times, int flags)')

/**
 * Makes the mark by which overlayfs hides a name of the layers below: a character device 0/0.
 *
 * Paths are bytes, because a file name need not be UTF-8.
 *
 * @throws {KernelError} `EEXIST` when something of that name is in this layer
 * @source Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"
 */
export function makeWhiteout(path: Buffer): void {
  check(`make whiteout "${path}"`, mknod(terminated(path), S_IFCHR, 0))
}

/**
 * Marks a directory so that overlayfs shows nothing of the same directory in the layers below.
 *
 * @throws {KernelError} `EPERM` outside the initial user namespace
 * @source Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"
 */
export function markOpaque(directory: Buffer): void {
  check(`mark "${directory}" opaque`, lsetxattr(terminated(directory), opaqueAttribute, 'y', 1, 0))
}

/**
 * Runs `body`, then gives `directory` back the times it had before, to the nanosecond.
 *
 * @source utimensat(2)
 */
export function keepingTimes(directory: Buffer, body: () => void): void {
  const { atimeNs, mtimeNs } = lstatSync(directory, { bigint: true })
  body()
  const times = Buffer.alloc(32)
  for (const [slot, ns] of [atimeNs, mtimeNs].entries()) {
    const seconds = floorDivide(ns, 1_000_000_000n)
    times.writeBigInt64LE(seconds, slot * 16)
    times.writeBigInt64LE(ns - seconds * 1_000_000_000n, slot * 16 + 8)
  }
  check(`set the times of "${directory}"`, utimensat(AT_FDCWD, terminated(directory), times, AT_SYMLINK_NOFOLLOW))
}

/** Rounds down, also before 1970, where the kernel wants nanoseconds that are not negative. */
function floorDivide(value: bigint, by: bigint): bigint {
  return value / by - (value % by < 0n ? 1n : 0n)
}

function terminated(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.of(0)])
}
