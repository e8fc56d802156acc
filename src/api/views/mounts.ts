import type { HostConfig, Mount } from '../../protocol/container.ts'
import type { MountPoint } from '../../protocol/container-summary.ts'

/** What is mounted into a container on the user's wish, in the order of the places. */
export function mountPoints({ Binds, Mounts }: HostConfig): MountPoint[] {
  return [...(Binds ?? []).map(ofBind), ...(Mounts ?? []).map(ofMount)].sort((a, b) =>
    a.Destination < b.Destination ? -1 : 1,
  )
}

/** `"/host:/container[:options]"` */
function ofBind(bind: string): MountPoint {
  const [source = '', destination = '', mode = ''] = bind.split(':')
  const options = mode.split(',')
  const propagation = options.find((option) => /^r?(private|shared|slave)$/.test(option))
  return {
    Type: 'bind',
    Source: source,
    Destination: destination,
    Mode: mode,
    RW: !options.includes('ro'),
    Propagation: propagation ?? 'rprivate',
  }
}

function ofMount({ Type, Source = '', Target, ReadOnly = false, BindOptions }: Mount): MountPoint {
  return {
    Type,
    Source,
    Destination: Target,
    Mode: '',
    RW: !ReadOnly,
    Propagation: Type === 'bind' ? (BindOptions?.Propagation ?? 'rprivate') : '',
  }
}
