import { mkdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, isErrno } from '../../base/errors.ts'
import type { Images } from '../../image/images.ts'
import { RootedFiles } from '../../kernel/files/rooted-files.ts'
import { isMountPoint, mountBind, mountLayers, removeMount } from '../../kernel/mounts.ts'
import type { ContainerMount } from '../model.ts'

/** Where the files of an image are shown that is mounted into a container. @param dir  the container's own */
export function imageMountPath(dir: string, number: number): string {
  return join(dir, 'images', String(number))
}

/**
 * Shows the files of an image at the place that a mount of it names, read-only. Shown already is success: as with Docker they
 * stay until the container is gone, or ends.
 *
 * @returns the path of what is to be mounted: all of it, or the part that is asked for
 * @throws {EngineError} `not-found` when the image is gone, `invalid-argument` when the part is not there, or leads out
 */
export async function showImage(images: Images, { source, imageId = '', subpath }: ContainerMount): Promise<string> {
  const layers = await images.layerDirs(images.find(imageId))
  if (!isMountPoint(source)) {
    mkdirSync(source, { recursive: true, mode: 0o755 })
    const [only, ...more] = layers
    if (more.length > 0) mountLayers(layers, source)
    else if (only !== undefined) mountBind(only, source, { readOnly: true })
  }
  return subpath === '' ? source : partOf(source, subpath)
}

/** Takes away what `showImage` has mounted. Absent is success. */
export function hideImage({ source }: ContainerMount): void {
  while (isMountPoint(source)) removeMount(source)
}

/** Nobody changes an image: what a path in it leads to stays what it is. */
function partOf(root: string, path: string): string {
  using files = new RootedFiles(root)
  try {
    using held = files.holdBeneath(path)
    return readlinkSync(`/proc/self/fd/${held.fd}`)
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) throw error
    const why = isErrno(error, 'EXDEV') ? 'path escapes the image' : 'no such file or directory'
    throw new EngineError('invalid-argument', `cannot access path ${join(root, path)}: ${why}`, { cause: error })
  }
}
