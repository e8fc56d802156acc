import { isErrno } from '../../base/errors.ts'
import { check, libcFunction } from '../libc.ts'
import { pathBytes } from './byte-paths.ts'

const llistxattr = libcFunction('int64_t llistxattr(const uint8_t *path, uint8_t *list, size_t size)')
const lgetxattr = libcFunction('int64_t lgetxattr(const uint8_t *path, const char *name, uint8_t *value, size_t size)')
const lsetxattr = libcFunction(
  'int lsetxattr(const uint8_t *path, const char *name, const uint8_t *value, size_t size, int flags)',
)
const setxattr = libcFunction(
  'int setxattr(const char *path, const char *name, const uint8_t *value, size_t size, int flags)',
)
/** The kernel gives no more of either. @source include/uapi/linux/limits.h, XATTR_LIST_MAX and XATTR_SIZE_MAX */
const buffer = Buffer.alloc(65_536)

/**
 * The names of a file's extended attributes; none where the file system has no such thing. A link's own.
 *
 * @source listxattr(2)
 */
export function listXattrs(path: Buffer): readonly string[] {
  try {
    const length = check(`list attributes of "${path}"`, llistxattr(pathBytes(path), buffer, buffer.length))
    return length === 0 ? [] : buffer.toString('utf8', 0, length - 1).split('\0')
  } catch (error) {
    if (isErrno(error, 'EOPNOTSUPP')) return []
    throw error
  }
}

/** The value of an extended attribute; `undefined` when there is none. @source getxattr(2) */
export function getXattr(path: Buffer, name: string): Buffer | undefined {
  try {
    const action = `read attribute ${name} of "${path}"`
    const length = check(action, lgetxattr(pathBytes(path), name, buffer, buffer.length))
    return Buffer.from(buffer.subarray(0, length))
  } catch (error) {
    if (isErrno(error, 'ENODATA', 'EOPNOTSUPP')) return undefined
    throw error
  }
}

/** Sets an extended attribute; of a link, its own. @throws {KernelError} `EOPNOTSUPP`, `EPERM`, … @source setxattr(2) */
export function setXattr(path: Buffer, name: string, value: Buffer): void {
  check(`set attribute ${name} of "${path}"`, lsetxattr(pathBytes(path), name, value, value.length, 0))
}

/** Sets an extended attribute of an open file, `O_PATH` will do. @throws {KernelError} as `setXattr` */
export function setXattrOf(fd: number, name: string, value: Buffer): void {
  check(`set attribute ${name}`, setxattr(`/proc/self/fd/${fd}`, name, value, value.length, 0))
}
