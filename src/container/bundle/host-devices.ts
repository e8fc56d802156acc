import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { GrantedDevice, HostDevice } from './devices.ts'
import type { BlockDevice } from './resources.ts'

/** Directories of /dev that a container has of its own, and the node that its terminal takes. */
const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console'])

/**
 * Looks up the devices that a container gets: the ones asked for, and with `--privileged` all.
 *
 * @throws {EngineError} `internal` in Docker's words when one is missing, or is none
 */
export function findDevices({
  Devices,
  Privileged,
}: Pick<HostConfig, 'Devices' | 'Privileged'>): readonly GrantedDevice[] {
  const all = Privileged ? devicesBelow('/dev').map((device) => grant(device, device.path, 'rwm')) : []
  const asked = (Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions }) => {
    const target = PathInContainer || PathOnHost
    return devicesAt(PathOnHost).map((device) =>
      grant(device, target + device.path.slice(PathOnHost.length), CgroupPermissions || 'rwm'),
    )
  })
  const named = new Set(asked.map(({ pathInContainer }) => pathInContainer))
  return [...all.filter(({ pathInContainer }) => !named.has(pathInContainer)), ...asked]
}

function grant(device: HostDevice, pathInContainer: string, access: string): GrantedDevice {
  return { device, pathInContainer, access }
}

/**
 * Looks up the numbers of block devices.
 *
 * @throws {EngineError} `internal` in Docker's words when one is not there, or is none
 */
export function findBlockDevices(paths: readonly string[]): ReadonlyMap<string, BlockDevice> {
  return new Map(
    paths.map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false })
      if (stats === undefined) throw new EngineError('internal', `stat ${path}: no such file or directory`)
      const device = deviceOf(path, stats)
      if (device?.type !== 'b') throw new EngineError('internal', `stat ${path}: not a block device`)
      return [path, { major: device.major, minor: device.minor }]
    }),
  )
}

/** A device, or all devices of a directory. */
function devicesAt(path: string): readonly HostDevice[] {
  const problem = (why: string) =>
    new EngineError('internal', `error gathering device information while adding custom device "${path}": ${why}`)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw problem('no such file or directory')
  if (stats.isDirectory()) return devicesBelow(path)
  const device = deviceOf(path, stats)
  if (device === undefined) throw problem('not a device node')
  return [device]
}

function devicesBelow(dir: string): HostDevice[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (skipped.has(entry.name)) return []
    if (entry.isDirectory()) return devicesBelow(path)
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return []
    const stats = statSync(path, { throwIfNoEntry: false })
    const device = stats === undefined ? undefined : deviceOf(path, stats)
    return device === undefined ? [] : [device]
  })
}

/** @source makedev(3) */
function deviceOf(path: string, stats: Stats): HostDevice | undefined {
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined
  return {
    path,
    type: stats.isBlockDevice() ? 'b' : 'c',
    major: Math.floor(stats.rdev / 256) & 0xfff,
    minor: (stats.rdev & 0xff) | ((stats.rdev >>> 12) & 0xfff00),
    mode: stats.mode & 0o777,
    uid: stats.uid,
    gid: stats.gid,
  }
}
