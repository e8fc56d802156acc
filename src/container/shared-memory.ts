import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMountPoint, mountFileSystem, removeMount } from '../kernel/mounts.ts'
import type { HostConfig } from '../protocol/container.ts'
import { defaultShmBytes } from './bundle/mounts.ts'
import type { ContainerPaths } from './model.ts'

/** Where the memory of a container with `--ipc shareable` is mounted on the host, for others to be given it too. */
export function sharedMemoryPath({ dir }: Pick<ContainerPaths, 'dir'>): string {
  return join(dir, 'shm')
}

/**
 * Makes the memory that a container shares with those that join it. Safe to call at any time.
 *
 * @returns where it is mounted; undefined for a container that shares none
 */
export function ensureSharedMemory(
  paths: ContainerPaths,
  { IpcMode, ShmSize }: Pick<HostConfig, 'IpcMode' | 'ShmSize'>,
): string | undefined {
  if (IpcMode !== 'shareable') return undefined
  const path = sharedMemoryPath(paths)
  mkdirSync(path, { recursive: true })
  const options = `mode=1777,size=${ShmSize || defaultShmBytes}`
  if (!isMountPoint(path))
    mountFileSystem('tmpfs', path, { source: 'shm', options, flags: ['noSuid', 'noDev', 'noExec'] })
  return path
}

/** Unmounts it; whoever has joined keeps it until they end. Absent is success. */
export function removeSharedMemory(paths: ContainerPaths): void {
  removeMount(sharedMemoryPath(paths))
}
