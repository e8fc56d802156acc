import type { ContainerParts } from '../container-parts.ts'
import { prepareRootfs } from '../rootfs.ts'
import type { FileChange } from './job.ts'

/** What a container has changed in its image's files, running or not. */
export async function listChanges(parts: ContainerParts, ref: string): Promise<readonly FileChange[]> {
  const { upper, lower } = await layersOf(parts, ref)
  return parts.files.run({ kind: 'changes', upper, lower })
}

/** The directory with what a container has changed, and what lies below it, top first. */
export async function layersOf(
  { table, images, locks, pathsOf }: ContainerParts,
  ref: string,
): Promise<{ readonly upper: string; readonly lower: readonly string[] }> {
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const { imageId } = table.findAgain(id, ref)
  return prepareRootfs(pathsOf(id), await images.layerDirs(images.find(imageId)))
}
