import { closeSync, fstatSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMountPoint, mountBind, removeMount } from './mounts.ts'
import { NetworkNamespace } from './namespace.ts'
import { setLink } from './netlink/links.ts'
import type { NetlinkSocket } from './netlink/netlink-socket.ts'

const LOOPBACK_INDEX = 1

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
  mountBind(namespace.path, path)
  undo.move()
  return namespace
}

/**
 * Mounts the namespace of a process on `path`, when it is not mounted there already: somebody unmounted it, or the
 * path was mounted for other eyes, in another mount namespace.
 *
 * @returns whether it had to
 * @throws {Error} with code `ENOENT` when there is no such process
 */
export function ensureNamedNamespace(path: string, pid: number): boolean {
  using namespace = NetworkNamespace.at(`/proc/${pid}/ns/net`)
  if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(namespace.fd).ino) return false
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o444)) // something to mount on
  mountBind(namespace.path, path)
  return true
}

/** Opens a namespace by the path it is mounted on. @throws {Error} with code `ENOENT` when there is none */
export function openNamedNamespace(path: string): NetworkNamespace {
  return NetworkNamespace.at(path)
}

/** Lets go of a namespace by its path: it ends when no process and no descriptor holds it. Absent is success. */
export function removeNamedNamespace(path: string): void {
  while (isMountPoint(path)) removeMount(path) // once for each time that something was mounted there
  rmSync(path, { force: true })
}

/** Switches the loopback interface of a namespace on; that gives it its two addresses. */
export function bringUpLoopback(netlink: NetlinkSocket): void {
  setLink(netlink, LOOPBACK_INDEX, { up: true })
}
