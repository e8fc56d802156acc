import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, type Stats, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMountPoint, mountOverlay, type OverlayMount, removeMountAsync } from '../kernel/mounts.ts'
import type { ContainerPaths } from './model.ts'

/** What is mounted over, or made, in every container: in a layer of its own it is no change of the container's. */
const mountPoints = {
  directories: ['/dev', '/dev/pts', '/dev/shm', '/proc', '/sys', '/etc'],
  files: ['/.dockerenv', '/dev/console', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf'],
} as const

/**
 * Mounts a container's root file system at `paths.rootfs`. Safe to call at any time, any number of times.
 *
 * Below lies the image, then a layer of mount points, on top `dir/upper`: exactly what the container has changed.
 *
 * @param lowerDirs  layers of the image, top first
 */
export async function ensureRootfs(paths: ContainerPaths, lowerDirs: readonly string[]): Promise<void> {
  if (!isMountPoint(paths.rootfs)) mountOverlay(prepareRootfs(paths, lowerDirs))
}

/** Makes the directories of a container's root file system, which may be there already; answers how they are mounted. */
export function prepareRootfs({ dir, rootfs }: ContainerPaths, lowerDirs: readonly string[]): OverlayMount {
  const [base, upper, work] = [join(dir, 'base'), join(dir, 'upper'), join(dir, 'work')]
  for (const path of [work, rootfs]) mkdirSync(path, { recursive: true })
  if (!existsSync(upper)) makeLike('/', upper, lowerDirs)
  if (!existsSync(base)) makeBase(base, lowerDirs)
  return { lower: [base, ...lowerDirs], upper, work, target: rootfs }
}

/** Unmounts a container's root file system; its files stay. Absent is success. */
export async function removeRootfs({ dir, rootfs }: ContainerPaths): Promise<void> {
  while (isMountPoint(rootfs)) await removeMountAsync(rootfs)
  // What overlayfs keeps there is of no use to the next mount.
  await rm(join(dir, 'work'), { recursive: true, force: true })
}

function makeBase(base: string, lowerDirs: readonly string[]): void {
  makeLike('/', base, lowerDirs)
  for (const path of mountPoints.directories) {
    const below = find(path, lowerDirs)
    // A link, in some images: it stays what it is.
    if ((below === undefined || below.isDirectory()) && existsSync(join(base, dirname(path)))) {
      makeLike(path, join(base, path), lowerDirs)
    }
  }
  for (const path of mountPoints.files) {
    if (existsSync(join(base, dirname(path)))) writeFileSync(join(base, path), '', { mode: 0o755 })
  }
  const mtab = '/etc/mtab'
  if (existsSync(join(base, '/etc')) && find(mtab, lowerDirs) === undefined)
    symlinkSync('/proc/mounts', join(base, mtab))
}

/** Makes a directory with the owner and the mode of the image's, which it hides. */
function makeLike(path: string, target: string, lowerDirs: readonly string[]): void {
  const { uid, gid, mode } = find(path, lowerDirs) ?? { uid: 0, gid: 0, mode: 0o755 }
  mkdirSync(target, { recursive: true })
  chownSync(target, uid, gid)
  chmodSync(target, mode & 0o7777)
}

/** The topmost entry of that path. */
function find(path: string, lowerDirs: readonly string[]): Stats | undefined {
  for (const dir of lowerDirs) {
    const stats = lstatSync(join(dir, path), { throwIfNoEntry: false })
    if (stats !== undefined) return stats
  }
  return undefined
}
