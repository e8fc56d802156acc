import type { ContainerMount, ContainerRecord } from '../../container/model.ts'
import { recordedMounts } from '../../container/mounts/recorded-mounts.ts'
import type { MountPoint } from '../../protocol/container-summary.ts'

/** What is mounted into a container on the user's wish, or the image's, in the order of the places. */
export function mountPoints(record: Pick<ContainerRecord, 'mounts' | 'config' | 'hostConfig'>): MountPoint[] {
  return recordedMounts(record)
    .map(mountPoint)
    .sort((a, b) => (a.Destination < b.Destination ? -1 : 1))
}

function mountPoint({ type, name, driver, source, target, mode, readOnly, propagation }: ContainerMount): MountPoint {
  return {
    Type: type,
    ...(name === '' ? {} : { Name: name }),
    Source: source,
    Destination: target,
    ...(type === 'volume' ? { Driver: driver } : {}),
    Mode: mode,
    RW: !readOnly,
    Propagation: propagation,
  }
}
