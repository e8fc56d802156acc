import type { VolumeView } from '../../protocol/volume.ts'
import type { VolumeRecord } from '../../volume/model.ts'

/** A volume, with the directory of the host where its files are. */
export function volumeView({ name, driver, scope, created, labels, options }: VolumeRecord, path: string): VolumeView {
  return {
    CreatedAt: created.replace(/\.\d+Z$/, 'Z'),
    Driver: driver,
    Labels: labels,
    Mountpoint: path,
    Name: name,
    Options: options,
    Scope: scope,
  }
}
