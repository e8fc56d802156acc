import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { isErrno } from '../base/errors.ts'
import { check, libcFunction } from './libc.ts'
import { setLink } from './links.ts'
import { NetworkNamespace } from './namespace.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

const MS_BIND = 0x1000
const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8
const LOOPBACK_INDEX = 1

const mount = libcFunction(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
)
const umount2 = libcFunction('int umount2(const char *target, int flags)')

/**
 * Makes a namespace that lives until `removeNamedNamespace`, whoever ends: it is mounted on `path`.
 *
 * Directories are made when missing. Nothing is left of it when it fails.
 *
 * @param path `"/run/wharf/netns/0123456789ab"`: a name that nobody uses
 * @returns a handle; disposing it leaves the namespace alive
 * @throws {Error} with code `EEXIST` when the path is taken
 */
export function createNamedNamespace(path: string): NetworkNamespace {
  mkdirSync(dirname(path), { recursive: true })
  using undo = new DisposableStack()
  closeSync(openSync(path, 'wx', 0o444)) // something to mount on
  undo.defer(() => rmSync(path))
  const namespace = undo.use(NetworkNamespace.create())
  check(`pin network namespace at "${path}"`, mount(namespace.path, path, 'none', MS_BIND, null))
  undo.move()
  return namespace
}

/** Opens a namespace by the path it is mounted on. @throws {Error} with code `ENOENT` when there is none */
export function openNamedNamespace(path: string): NetworkNamespace {
  return NetworkNamespace.at(path)
}

/** Lets go of a namespace by its path: it ends when no process and no descriptor holds it. Absent is success. */
export function removeNamedNamespace(path: string): void {
  // Once for each time that something was mounted on it; EINVAL: nothing is.
  for (;;) {
    try {
      check(`release network namespace "${path}"`, umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return
      if (!isErrno(error, 'EINVAL')) throw error
      break
    }
  }
  rmSync(path, { force: true })
}

/** Switches the loopback interface of a namespace on; that gives it its two addresses. */
export function bringUpLoopback(netlink: NetlinkSocket): void {
  setLink(netlink, LOOPBACK_INDEX, { up: true })
}
