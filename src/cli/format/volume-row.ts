import type { VolumeView } from '../../protocol/volume.ts'
import type { Row } from './list.ts'
import { humanSize } from './units.ts'
import { labelLine } from './words.ts'

/** The columns of lists of volumes. */
export const volumeHeadings = {
  Name: 'VOLUME NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  Mountpoint: 'MOUNTPOINT',
  Links: 'LINKS',
  Size: 'SIZE',
  Labels: 'LABELS',
  Availability: 'AVAILABILITY',
  Group: 'GROUP',
  Status: 'STATUS',
}

/** What a list of volumes can show of one. Groups and the like are for volumes of a swarm. */
export function volumeRow({ Name, Driver, Scope, Mountpoint, Labels, UsageData }: VolumeView): Row {
  const labels = Labels ?? {}
  return {
    Availability: 'N/A',
    Driver,
    Group: 'N/A',
    Labels: labelLine(labels),
    Links: UsageData === undefined ? 'N/A' : String(UsageData.RefCount),
    Mountpoint,
    Name,
    Scope,
    Size: UsageData === undefined || UsageData.Size < 0 ? 'N/A' : humanSize(UsageData.Size),
    Status: 'N/A',
    Label: (name: unknown) => labels[String(name)] ?? '',
  }
}
