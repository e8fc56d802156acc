import { normalize } from 'node:path/posix'
import { EngineError } from '../../base/errors.ts'
import type { Mount } from '../../protocol/container.ts'
import type { VolumeRequest } from '../../volume/volumes.ts'
import type { ContainerMount } from '../model.ts'

/** A mount as asked; a volume may have no name yet. */
export interface MountWish {
  readonly mount: ContainerMount
  /** How to make the volume, where there is none of that name. */
  readonly volume?: Pick<VolumeRequest, 'driver' | 'labels' | 'options'>
}

/** The settings of a mount that says nothing of them. */
export const plainMount = {
  name: '',
  driver: '',
  source: '',
  mode: '',
  readOnly: false,
  propagation: '',
  createsSource: false,
  copiesUp: false,
  anonymous: false,
  subpath: '',
  recursive: true,
  readOnlyBelow: 'if-possible',
  options: [],
} as const satisfies Partial<ContainerMount>

/** A mount that cannot be, in Docker's words. */
export function badMount(type: string, why: string): EngineError {
  return new EngineError('invalid-argument', `invalid mount config for type ${JSON.stringify(type)}: ${why}`)
}

/** The place of a mount in its one form. @throws {EngineError} `invalid-argument` */
export function checkTarget({ Type: type, Target: target }: Pick<Mount, 'Type' | 'Target'>): string {
  if (!target) throw badMount(type, 'field Target must not be empty')
  const problem = targetProblem(target)
  if (problem !== undefined) throw badMount(type, problem)
  return cleanPath(target)
}

/** Why nothing can be mounted there, in Docker's words; undefined: something can. */
export function targetProblem(target: string): string | undefined {
  if (cleanPath(target) === '/') return "invalid specification: destination can't be '/'"
  return target.startsWith('/') ? undefined : absolutePathProblem(target)
}

/** Docker's words for a path that does not begin at the root. */
export function absolutePathProblem(path: string): string {
  return `invalid mount path: '${path}' mount path must be absolute`
}

/** A path without `.`, `..`, doubled and closing slashes. */
export function cleanPath(path: string): string {
  return normalize(path).replace(/(?<=.)\/$/, '')
}
