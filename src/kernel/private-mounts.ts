import { check, libcFunction } from './libc.ts'

const CLONE_NEWNS = 0x00020000
const MS_REC = 16_384
const MS_PRIVATE = 1 << 18

const unshare = libcFunction('int unshare(int flags)')
const mount = libcFunction(
  'int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)',
)

/**
 * Gives this thread mounts of its own, as they are now: what it mounts from now on nobody else sees, and it goes with
 * the thread, however that ends. There is no way back: for threads that end after it.
 *
 * @source unshare(2), "CLONE_NEWNS"; mount_namespaces(7)
 */
export function enterPrivateMounts(): void {
  check('unshare the mount namespace', unshare(CLONE_NEWNS))
  check('make mounts private', mount('', '/', '', MS_REC | MS_PRIVATE, ''))
}
