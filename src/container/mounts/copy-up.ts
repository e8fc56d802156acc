import { fstatSync } from 'node:fs'
import { EngineError } from '../../base/errors.ts'
import type { Descriptor } from '../../kernel/descriptors.ts'
import { RootedFiles } from '../../kernel/files/rooted-files.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerMount, ContainerRecord } from '../model.ts'
import { ensureRootfs, removeRootfs } from '../rootfs.ts'
import { recordedMounts } from './recorded-mounts.ts'

/**
 * Fills the empty volumes of a new container with what its image has at their places: files, and the owner and mode of
 * the directory. The root file system is mounted meanwhile, and only if there is an empty volume.
 *
 * @param lowerDirs  layers of the image, top first
 * @throws {EngineError} when files cannot be copied; the volume is as empty then as it was
 */
export async function copyUp(
  parts: Pick<ContainerParts, 'volumes' | 'pathsOf'>,
  record: ContainerRecord,
  lowerDirs: readonly string[],
): Promise<void> {
  const fresh = recordedMounts(record).filter(({ type, copiesUp, subpath }) => {
    return type === 'volume' && copiesUp && subpath === ''
  })
  if (fresh.length === 0) return
  const paths = parts.pathsOf(record.id)
  await using undo = new AsyncDisposableStack()
  let root: RootedFiles | undefined
  const look = async (mount: ContainerMount): Promise<Descriptor | undefined> => {
    if (root === undefined) {
      undo.defer(() => removeRootfs(paths))
      await ensureRootfs(paths, lowerDirs)
      root = undo.use(new RootedFiles(paths.rootfs))
    }
    return imageDirectory(root, mount)
  }
  for (const mount of fresh) await fill(parts, record.id, mount, () => look(mount))
}

/** A volume with options is mounted for it: what is copied goes where the options say. */
async function fill(
  { volumes }: Pick<ContainerParts, 'volumes'>,
  id: string,
  { name }: ContainerMount,
  look: () => Promise<Descriptor | undefined>,
): Promise<void> {
  if (volumes.ownsFiles(name)) {
    await volumes.populate(name, look)
    return
  }
  try {
    await volumes.mount(name, id)
    await volumes.populate(name, look)
  } finally {
    await volumes.unmount(name, id, { quiet: true })
  }
}

/** What the image has at a place, whatever links lead there; undefined for nothing. */
function imageDirectory(root: RootedFiles, { target, anonymous }: ContainerMount): Descriptor | undefined {
  using held = new DisposableStack()
  const found = root.hold(target)
  if (found === undefined) return undefined
  held.use(found)
  if (fstatSync(found.fd).isDirectory()) {
    held.move()
    return found
  }
  if (!anonymous) return undefined
  throw new EngineError('internal', `cannot mount volume over existing file, file exists ${target}`)
}
