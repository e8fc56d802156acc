import { check, libcFunction } from '../libc.ts'
import { pathBytes } from './byte-paths.ts'

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100

const utimensat = libcFunction('int utimensat(int dirfd, const uint8_t *path, const uint8_t *times, int flags)')

/**
 * Sets the times of a file, a directory or a link itself, to the nanosecond.
 *
 * @source utimensat(2)
 */
export function setFileTimes(path: Buffer, times: { readonly atimeNs: bigint; readonly mtimeNs: bigint }): void {
  const memory = Buffer.alloc(32)
  for (const [slot, ns] of [times.atimeNs, times.mtimeNs].entries()) {
    const seconds = floorDivide(ns, 1_000_000_000n)
    memory.writeBigInt64LE(seconds, slot * 16)
    memory.writeBigInt64LE(ns - seconds * 1_000_000_000n, slot * 16 + 8)
  }
  check(`set the times of "${path}"`, utimensat(AT_FDCWD, pathBytes(path), memory, AT_SYMLINK_NOFOLLOW))
}

/** Rounds down, also before 1970, where the kernel wants nanoseconds that are not negative. */
function floorDivide(value: bigint, by: bigint): bigint {
  return value / by - (value % by < 0n ? 1n : 0n)
}
