import type { ContainerMount, ContainerRecord } from '../model.ts'
import { planUserMounts } from './plan-user-mounts.ts'

/** What was settled to be mounted when a container was created. Containers of earlier engines have binds and memory only. */
export function recordedMounts(
  record: Pick<ContainerRecord, 'mounts' | 'config' | 'hostConfig'>,
): readonly ContainerMount[] {
  if (record.mounts !== undefined) return record.mounts
  const wishes = planUserMounts({ config: {}, hostConfig: record.hostConfig }, () => [])
  return wishes.map(({ mount }) => mount)
}

/** The names of the volumes that a container uses, each once. */
export function volumeNames(record: Pick<ContainerRecord, 'mounts' | 'config' | 'hostConfig'>): readonly string[] {
  const volumes = recordedMounts(record).filter(({ type }) => type === 'volume')
  return [...new Set(volumes.map(({ name }) => name))]
}

/** Ids of the images that a container needs, each once: its own, and those that are mounted into it. */
export function imagesOf(record: ContainerRecord): readonly string[] {
  const mounted = (record.mounts ?? []).flatMap(({ imageId }) => (imageId === undefined ? [] : [imageId]))
  return [...new Set([record.imageId, ...mounted])]
}

/** Ids of the containers that use a volume. */
export function usersOfVolume(records: readonly ContainerRecord[], name: string): readonly string[] {
  return records.filter((record) => volumeNames(record).includes(name)).map(({ id }) => id)
}
