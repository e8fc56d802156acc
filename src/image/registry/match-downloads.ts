import type { Descriptor } from '../config/manifest.ts'

/** A file that a download is filling. */
export interface PartialFile {
  readonly inode: number
  readonly bytes: number
}

/**
 * Tells which layer each partial file is of, for showing progress: skopeo names its partial files at random.
 *
 * It announces layers in the order in which it begins them, so files and layers are paired in their orders; a file
 * that has grown beyond a layer's size is of another. A pairing stays while it can be true.
 *
 * @param announced  layers that were begun and are not done, in order
 * @param files  oldest first
 * @param before  the last answer
 * @returns digest by inode
 */
export function matchDownloads(
  announced: readonly Descriptor[],
  files: readonly PartialFile[],
  before: ReadonlyMap<number, string>,
): ReadonlyMap<number, string> {
  const matched = new Map<number, string>()
  const open = new Map(announced.map((layer) => [layer.digest, layer]))
  for (const { inode, bytes } of files) {
    const layer = open.get(before.get(inode) ?? '')
    if (layer === undefined || bytes > layer.size) continue
    matched.set(inode, layer.digest)
    open.delete(layer.digest)
  }
  for (const { inode, bytes } of files) {
    if (matched.has(inode)) continue
    const layer = open.values().find(({ size }) => bytes <= size)
    if (layer === undefined) continue
    matched.set(inode, layer.digest)
    open.delete(layer.digest)
  }
  return matched
}
