import { existsSync, mkdirSync } from 'node:fs'
import { EngineError } from '../../base/errors.ts'
import type { Images } from '../../image/images.ts'
import type { Volumes } from '../../volume/volumes.ts'
import type { BindMount, UserMounts } from '../bundle/user-mounts.ts'
import type { ContainerMount, ContainerRecord } from '../model.ts'
import { checkPropagation } from './check-propagation.ts'
import { hideImage, showImage } from './image-mounts.ts'
import { checkSource } from './make-volumes.ts'
import { parseTmpfs } from './parse-tmpfs.ts'
import { recordedMounts } from './recorded-mounts.ts'

/** Who uses a container's volumes: its run, or somebody who only looks, and of whom events do not tell. */
export interface VolumeUser {
  readonly id: string
  readonly quiet: boolean
}

/**
 * Makes what is mounted into a container that starts be there: mounts its volumes, makes the directories of the host that
 * `-v` names. `releaseMounts` is the way back, also when it fails half-way.
 *
 * @returns what the bundle is to mount
 * @throws {EngineError} for sources that are gone, or that the host cannot mount
 */
export async function acquireMounts(
  { volumes, images }: { readonly volumes: Volumes; readonly images: Images },
  record: ContainerRecord,
  user: VolumeUser = { id: record.id, quiet: false },
): Promise<UserMounts> {
  const memory = parseTmpfs(record.hostConfig.Tmpfs)
  const hidden = new Set(memory.map(({ target }) => target))
  const mounts = recordedMounts(record).filter(({ target }) => !hidden.has(target))
  const binds: BindMount[] = []
  for (const [i, mount] of mounts.entries()) {
    if (mount.type === 'bind') binds.push(bindOf(mount, hostPath(mount)))
    if (mount.type === 'image') binds.push(bindOf(mount, await showImage(images, mount)))
    if (mount.type !== 'volume') continue
    const { name, target, readOnly, propagation, subpath } = mount
    const how = user.quiet ? undefined : { destination: target, propagation, readOnly }
    const path = await volumes.mount(name, user.id, how)
    const place = { user: user.id, key: String(i) }
    binds.push(bindOf(mount, subpath === '' ? path : await volumes.showPath(name, subpath, place)))
  }
  const long = mounts.filter(({ type }) => type === 'tmpfs')
  return { binds, tmpfs: [...memory, ...long.map(({ target, options }) => ({ target, options }))] }
}

/**
 * Lets go of what a container's run had mounted. Not mounted is success. Goes on after a failure.
 *
 * @throws {AggregateError} every failure, after all was tried
 */
export async function releaseMounts(
  { volumes }: { readonly volumes: Volumes },
  record: ContainerRecord,
  { id, quiet }: VolumeUser = { id: record.id, quiet: false },
): Promise<void> {
  const names = recordedMounts(record).flatMap(({ type, name }) => (type === 'volume' ? [name] : []))
  // Who only looks leaves images where they are: somebody else may look, or run.
  const shown = quiet ? [] : recordedMounts(record).filter(({ type }) => type === 'image')
  const steps = [
    async () => volumes.hidePaths(id),
    ...shown.map((mount) => async () => hideImage(mount)),
    ...names.map((name) => () => volumes.unmount(name, id, { quiet })),
  ]
  const failures: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw new AggregateError(failures, `Cannot let go of the volumes of "${record.name}"`)
}

/** @throws {EngineError} `internal` in Docker's words when it is missing and cannot be made, as behind a link that leads nowhere */
function hostPath(mount: ContainerMount): string {
  checkSource(mount)
  const { source } = mount
  try {
    if (!existsSync(source)) mkdirSync(source, { recursive: true })
  } catch (cause) {
    const why = (cause as Error).message
    throw new EngineError('internal', `error while creating mount source path '${source}': ${why}`, { cause })
  }
  checkPropagation(source, mount.propagation)
  return source
}

function bindOf(mount: ContainerMount, source: string): BindMount {
  const { target, readOnly, propagation, recursive, readOnlyBelow } = mount
  return { source, target, readOnly, propagation: propagation || 'rprivate', recursive, readOnlyBelow }
}
