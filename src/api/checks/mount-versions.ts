import { EngineError } from '../../base/errors.ts'
import type { Mount } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'

/**
 * `HostConfig.Mounts` as clients of that version mean them: options that came later are refused, or not looked at where
 * older clients may send them without meaning it.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 * @source Docker Engine API, history of versions 1.40, 1.42, 1.44, 1.45 and 1.48
 */
export function mountsOfVersion(mounts: readonly Mount[], version: string): readonly Mount[] {
  return mounts.map((mount) =>
    mount.Type === 'bind' ? bindOfVersion(mount, version) : volumeOfVersion(mount, version),
  )
}

function bindOfVersion(mount: Mount, version: string): Mount {
  const { NonRecursive, CreateMountpoint, ...rest } = mount.BindOptions ?? {}
  if (!isBefore(version, '1.44')) return mount
  for (const option of ['ReadOnlyNonRecursive', 'ReadOnlyForceRecursive'] as const) {
    if (rest[option]) throw tooEarly(`BindOptions.${option}`, '1.44')
  }
  return {
    ...mount,
    BindOptions: {
      ...rest,
      ReadOnlyNonRecursive: true, // what "read-only" meant then
      ...(NonRecursive && !isBefore(version, '1.40') ? { NonRecursive } : {}),
      ...(CreateMountpoint && !isBefore(version, '1.42') ? { CreateMountpoint } : {}),
    },
  }
}

function volumeOfVersion(mount: Mount, version: string): Mount {
  if (mount.Type === 'image' && isBefore(version, '1.48')) throw tooEarly('Mount type "Image"', '1.48')
  if (mount.VolumeOptions?.Subpath && isBefore(version, '1.45')) throw tooEarly('VolumeOptions.Subpath', '1.45')
  return mount
}

function tooEarly(option: string, version: string): EngineError {
  return new EngineError('invalid-argument', `${option} needs API v${version} or newer`)
}
