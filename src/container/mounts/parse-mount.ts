import type { Mount } from '../../protocol/container.ts'
import type { ContainerMount } from '../model.ts'
import { isPropagation } from './mount-modes.ts'
import { absolutePathProblem, badMount, checkTarget, cleanPath, type MountWish, plainMount } from './mount-wish.ts'

/** Reads one of `HostConfig.Mounts`. @throws {EngineError} `invalid-argument` in Docker's words */
export function parseMount(mount: Mount): MountWish {
  const target = checkTarget(mount)
  if (mount.ImageOptions !== undefined && mount.Type !== 'image') throw extraField(mount.Type, 'ImageOptions')
  if (mount.Type === 'bind') return parseBindMount(mount, target)
  if (mount.Type === 'volume') return parseVolumeMount(mount, target)
  if (mount.Type === 'tmpfs') return parseTmpfsMount(mount, target)
  if (mount.Type === 'image') return parseImageMount(mount, target)
  throw badMount(mount.Type, 'mount type unknown')
}

function parseBindMount(
  { Source = '', ReadOnly = false, BindOptions, VolumeOptions }: Mount,
  target: string,
): MountWish {
  if (Source === '') throw badMount('bind', 'field Source must not be empty')
  const propagation = BindOptions?.Propagation || 'rprivate'
  if (!isPropagation(propagation)) throw badMount('bind', `invalid propagation mode: ${propagation}`)
  if (VolumeOptions !== undefined) throw extraField('bind', 'VolumeOptions')
  if (!Source.startsWith('/')) throw badMount('bind', absolutePathProblem(Source))
  return {
    mount: {
      ...plainMount,
      type: 'bind',
      source: cleanPath(Source),
      target,
      readOnly: ReadOnly,
      propagation,
      createsSource: BindOptions?.CreateMountpoint ?? false,
      recursive: !BindOptions?.NonRecursive,
      readOnlyBelow: readOnlyBelow(BindOptions, ReadOnly, propagation),
    },
  }
}

/** What `bind-recursive` asks for. */
function readOnlyBelow(
  options: Mount['BindOptions'],
  readOnly: boolean,
  propagation: string,
): ContainerMount['readOnlyBelow'] {
  const { ReadOnlyForceRecursive: always, ReadOnlyNonRecursive: never, NonRecursive: flat } = options ?? {}
  if (always && never) {
    throw badMount('bind', 'mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive')
  }
  if (always && !readOnly) throw badMount('bind', 'option ReadOnlyForceRecursive needs ReadOnly')
  if (always && flat) throw badMount('bind', 'mount options conflict: NonRecursive && ReadOnlyForceRecursive')
  if (always && propagation !== 'rprivate') {
    throw badMount('bind', 'option ReadOnlyForceRecursive needs the propagation rprivate')
  }
  return always ? 'always' : never ? 'never' : 'if-possible'
}

function parseVolumeMount(
  { Source = '', ReadOnly = false, BindOptions, VolumeOptions }: Mount,
  target: string,
): MountWish {
  if (BindOptions !== undefined) throw extraField('volume', 'BindOptions')
  const { NoCopy = false, Labels, DriverConfig, Subpath = '' } = VolumeOptions ?? {}
  const anonymous = Source === ''
  if (Subpath !== '') {
    if (anonymous) throw badMount('volume', 'must not set Subpath when using anonymous volumes')
    if (!isLocal(Subpath)) throw badMount('volume', 'subpath must be a relative path within the volume')
  }
  if (ReadOnly && anonymous) throw badMount('volume', 'must not set ReadOnly mode when using anonymous volumes')
  return {
    mount: {
      ...plainMount,
      type: 'volume',
      name: Source,
      target,
      readOnly: ReadOnly,
      anonymous,
      copiesUp: !NoCopy,
      subpath: Subpath,
    },
    volume: {
      ...(DriverConfig?.Name ? { driver: DriverConfig.Name } : {}),
      ...(DriverConfig?.Options ? { options: DriverConfig.Options } : {}),
      ...(Labels ? { labels: Labels } : {}),
    },
  }
}

function parseImageMount({ Source = '', BindOptions, VolumeOptions, ImageOptions }: Mount, target: string): MountWish {
  if (BindOptions !== undefined) throw extraField('image', 'BindOptions')
  if (VolumeOptions !== undefined) throw extraField('image', 'VolumeOptions')
  if (Source === '') throw badMount('image', 'field Source must not be empty')
  const { Subpath: subpath = '' } = ImageOptions ?? {}
  if (subpath !== '' && !isLocal(subpath)) throw badMount('image', 'subpath must be a relative path within the volume')
  return { mount: { ...plainMount, type: 'image', name: Source, target, readOnly: true, subpath } }
}

/** Whether a path stays below where it begins, read as words only. */
function isLocal(path: string): boolean {
  const clean = cleanPath(path)
  return !clean.startsWith('/') && clean !== '..' && !clean.startsWith('../')
}

function parseTmpfsMount({ Source, ReadOnly = false, BindOptions, TmpfsOptions }: Mount, target: string): MountWish {
  if (BindOptions !== undefined) throw extraField('tmpfs', 'BindOptions')
  if (Source) throw extraField('tmpfs', 'Source')
  const { SizeBytes = 0, Mode = 0, Options = [] } = TmpfsOptions ?? {}
  return {
    mount: {
      ...plainMount,
      type: 'tmpfs',
      target,
      readOnly: ReadOnly,
      options: [
        ...(ReadOnly ? ['ro'] : []),
        ...(Mode !== 0 ? [`mode=${Mode.toString(8)}`] : []),
        ...(SizeBytes !== 0 ? [`size=${SizeBytes}`] : []),
        ...Options.map(tmpfsOption),
      ],
    },
  }
}

/** `["exec"]`: the two that Docker lets pass. */
function tmpfsOption(words: readonly string[]): string {
  const [name = ''] = words
  if (words.length < 1 || words.length > 2) throw badMount('tmpfs', 'invalid option array length')
  if (name !== 'exec' && name !== 'noexec') throw badMount('tmpfs', `invalid option: ${name}`)
  return words.join('=')
}

function extraField(type: string, field: string) {
  return badMount(type, `field ${field} must not be specified`)
}
