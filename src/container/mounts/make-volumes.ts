import { existsSync } from 'node:fs'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerMount } from '../model.ts'
import { imageMountPath } from './image-mounts.ts'
import { badMount, type MountWish } from './mount-wish.ts'

/**
 * Makes the volumes of a new container that are not there yet; `volumes.abandon` of its id takes back what nobody else needs.
 *
 * @param id  of the container: it holds the volumes until it is recorded
 * @returns the mounts, every volume with its name, every image by its id
 * @throws {EngineError} `invalid-argument` for a path of the host that is missing, `not-found` for an image, and as `volumes.create` does
 */
export async function makeVolumes(
  { volumes, images, pathsOf }: Pick<ContainerParts, 'volumes' | 'images' | 'pathsOf'>,
  id: string,
  wishes: readonly MountWish[],
): Promise<readonly ContainerMount[]> {
  for (const { mount } of wishes) checkSource(mount)
  const mounts: ContainerMount[] = []
  for (const { mount, volume } of wishes) {
    if (mount.type === 'image') {
      const imageId = mount.imageId ?? images.find(mount.name).id
      mounts.push({ ...mount, imageId, source: imageMountPath(pathsOf(id).dir, mounts.length) })
      continue
    }
    if (mount.type !== 'volume') {
      mounts.push(mount)
      continue
    }
    const { name, driver } = await volumes.create({ ...volume, name: mount.name, holder: id })
    // Docker shows "z" for the volumes that a request asks for, none for an image's.
    const mode = mount.mode || (volume === undefined ? '' : 'z')
    mounts.push({ ...mount, name, driver, mode, source: volumes.pathOf(name) })
  }
  return mounts
}

/** `-v` makes what is missing at the start, `--mount` does not. @throws {EngineError} `invalid-argument` in Docker's words */
export function checkSource({ type, source, createsSource }: ContainerMount): void {
  if (type !== 'bind' || createsSource || existsSync(source)) return
  throw badMount('bind', `bind source path does not exist: ${source}`)
}
