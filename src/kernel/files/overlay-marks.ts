import { lstatSync } from 'node:fs'
import { makeNode } from './file-nodes.ts'
import { setFileTimes } from './file-times.ts'
import { getXattr, setXattr } from './xattrs.ts'

/** What overlayfs keeps to itself in extended attributes. */
export const overlayAttributes = 'trusted.overlay.'
const opaqueAttribute = `${overlayAttributes}opaque`

/**
 * Makes the mark by which overlayfs hides a name of the layers below: a character device 0/0.
 *
 * Paths are bytes, because a file name need not be UTF-8.
 *
 * @throws {KernelError} `EEXIST` when something of that name is in this layer
 * @source Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"
 */
export function makeWhiteout(path: Buffer): void {
  makeNode(path, 'character', 0, { major: 0, minor: 0 })
}

/**
 * Marks a directory so that overlayfs shows nothing of the same directory in the layers below.
 *
 * @throws {KernelError} `EPERM` outside the initial user namespace
 * @source Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"
 */
export function markOpaque(directory: Buffer): void {
  setXattr(directory, opaqueAttribute, Buffer.from('y'))
}

/** Whether a directory of a layer hides the same directory in the layers below. */
export function isOpaque(directory: Buffer): boolean {
  return getXattr(directory, opaqueAttribute)?.toString() === 'y'
}

/** Runs `body`, then gives `directory` back the times it had before, to the nanosecond. */
export function keepingTimes(directory: Buffer, body: () => void): void {
  const times = lstatSync(directory, { bigint: true })
  body()
  setFileTimes(directory, times)
}
