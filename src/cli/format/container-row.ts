import type { ContainerSummary, MountPoint } from '../../protocol/container-summary.ts'
import type { Row } from './list.ts'
import { renderPorts } from './ports.ts'
import { goTime, humanDuration, humanSize } from './units.ts'
import { ellipsis, labelLine, shortId } from './words.ts'

/** The columns of lists of containers. */
export const containerHeadings = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Reach: 'REACH',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
  Platform: 'PLATFORM',
}

/** One container as a template sees it. @param full `--no-trunc`: nothing is shortened */
export function containerRow(container: ContainerSummary, { full, nowMs }: { full: boolean; nowMs: number }): Row {
  const labels = container.Labels ?? {}
  const createdMs = container.Created * 1000
  return {
    Command: JSON.stringify(full ? container.Command : ellipsis(container.Command, 20)),
    CreatedAt: goTime(createdMs),
    ID: full ? container.Id : shortId(container.Id),
    Image: imageName(container, full),
    Labels: labelLine(labels),
    LocalVolumes: String((container.Mounts ?? []).filter(({ Type }) => Type === 'volume').length),
    Mounts: (container.Mounts ?? []).map((mount) => mountName(mount, full)).join(','),
    Names: names(container.Names ?? [], full).join(','),
    Networks: Object.keys(container.NetworkSettings?.Networks ?? {})
      .sort()
      .join(','),
    // The daemon's list has no platform; Docker's JSON has the key all the same.
    Platform: null,
    Ports: renderPorts(container.Ports ?? []),
    RunningFor: `${humanDuration(nowMs - createdMs)} ago`,
    Size: sizes(container),
    State: container.State,
    Status: container.Status,
    Label: (name: unknown) => labels[String(name)] ?? '',
  }
}

function imageName({ Image: image, ImageID: id }: ContainerSummary, full: boolean): string {
  if (image === '') return '<no image>'
  if (full) return image
  // An image that lost its name is listed by its id.
  if (shortId(id) === shortId(image)) return shortId(id)
  return image.split('@')[0] ?? image
}

function names(all: readonly string[], full: boolean): string[] {
  const plain = all.map((name) => name.replace(/^\//, ''))
  // "/web/db" is what a link calls it; only the container's own name is short.
  return full ? plain : plain.filter((name) => !name.includes('/'))
}

function mountName(mount: MountPoint & { readonly Name?: string }, full: boolean): string {
  const name = mount.Name || mount.Source
  return full ? name : ellipsis(name, 15)
}

function sizes({ SizeRw: own = 0, SizeRootFs: all = 0 }: ContainerSummary): string {
  return all > 0 ? `${humanSize(own, 3)} (virtual ${humanSize(all, 3)})` : humanSize(own, 3)
}
