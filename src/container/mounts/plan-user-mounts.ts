import { join } from 'node:path/posix'
import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../../protocol/container.ts'
import type { ContainerMount } from '../model.ts'
import { hasMode, isMountMode, propagationOf } from './mount-modes.ts'
import { badMount, type MountWish, plainMount, targetProblem } from './mount-wish.ts'
import { parseBind } from './parse-bind.ts'
import { parseMount } from './parse-mount.ts'
import { parseTmpfs } from './parse-tmpfs.ts'

/** The settings that say what is mounted. */
export interface MountSettings {
  readonly config: Pick<ContainerConfig, 'Volumes'>
  readonly hostConfig: Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs' | 'VolumesFrom' | 'VolumeDriver'>
}

/**
 * All that is to be mounted into a new container, but for `HostConfig.Tmpfs`. What the container says itself takes the place
 * of what it inherits, and the volumes of the image fill what is left.
 *
 * @param mountsOf  answers the mounts of another container by its name or id; throws when there is none
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function planUserMounts(
  { config, hostConfig }: MountSettings,
  mountsOf: (ref: string) => readonly ContainerMount[],
): readonly MountWish[] {
  const memory = new Set(parseTmpfs(hostConfig.Tmpfs).map(({ target }) => target))
  const own = [
    ...(hostConfig.Binds ?? []).map((text) => parseBind(text, hostConfig.VolumeDriver)),
    ...(hostConfig.Mounts ?? []).map(parseMount),
  ]
  checkOnce([...memory, ...own.map(({ mount }) => mount.target)])
  const inherited = (hostConfig.VolumesFrom ?? []).flatMap((text) => inherit(text, mountsOf))
  const byTarget = new Map([...inherited, ...own].map((wish) => [wish.mount.target, wish]))
  for (const path of Object.keys(config.Volumes ?? {})) {
    const wish = anonymousVolume(path, hostConfig.VolumeDriver ?? '')
    const { target } = wish.mount
    if (!byTarget.has(target) && !memory.has(target)) byTarget.set(target, wish)
  }
  return [...byTarget.values()]
}

/** `"donor[:ro]"`: what the donor has, with the donor's volumes; files are copied for the first of them only. */
function inherit(text: string, mountsOf: (ref: string) => readonly ContainerMount[]): MountWish[] {
  if (text === '') throw new EngineError('invalid-argument', 'volumes-from specification cannot be an empty string')
  const cut = text.indexOf(':')
  const [ref, mode] = cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)]
  if (!isMountMode(mode) || propagationOf(mode) !== undefined || hasMode(mode, 'nocopy')) {
    throw new EngineError('invalid-argument', `invalid mode: ${mode}`)
  }
  const readOnly = hasMode(mode, 'ro')
  return mountsOf(ref).map((mount) => ({
    mount: { ...mount, mode: '', readOnly: mount.readOnly || readOnly, copiesUp: false },
  }))
}

function anonymousVolume(path: string, driver: string): MountWish {
  const target = join('/', path).replace(/(?<=.)\/$/, '')
  const problem = targetProblem(target)
  if (problem !== undefined) throw badMount('volume', problem)
  return {
    mount: { ...plainMount, type: 'volume', target, anonymous: true, copiesUp: true },
    ...(driver === '' ? {} : { volume: { driver } }),
  }
}

function checkOnce(targets: readonly string[]): void {
  const twice = targets.find((target, i) => targets.indexOf(target) !== i)
  if (twice !== undefined) throw new EngineError('invalid-argument', `Duplicate mount point: ${twice}`)
}
