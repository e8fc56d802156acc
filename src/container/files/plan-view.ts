import { constants, existsSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError, hasCode } from '../../base/errors.ts'
import { createId } from '../../base/id.ts'
import { Descriptor } from '../../kernel/descriptors.ts'
import { O_PATH } from '../../kernel/files/rooted-files.ts'
import { networkFiles } from '../bundle/mounts.ts'
import type { UserMounts } from '../bundle/user-mounts.ts'
import type { ContainerParts } from '../container-parts.ts'
import { joinedContainer } from '../create/network-wish.ts'
import { isLive } from '../life/is-live.ts'
import type { ContainerRecord } from '../model.ts'
import { acquireMounts, releaseMounts } from '../mounts/use-mounts.ts'
import { prepareRootfs } from '../rootfs.ts'
import type { BoundPath, FileView } from './job.ts'

/** What a view is for. `tree` is the root file system alone, without what is mounted into it. */
export type ViewUse = 'read' | 'write' | 'tree'

/** A view of a container's files, as long as it is not disposed. */
export interface PlannedView extends AsyncDisposable {
  readonly view: FileView
}

/**
 * Decides how a container's files are seen, and holds what that needs.
 *
 * Who writes to a container that does not run keeps it from being started meanwhile: two mounts of one upper directory
 * would not know of each other. Who reads, reads what is there, and nobody waits.
 *
 * @param ref  what the user called it, for errors
 * @throws {EngineError} `conflict` when it is being removed; `not-found` when it is gone
 */
export async function planView(parts: ContainerParts, ref: string, use: ViewUse): Promise<PlannedView> {
  const { id } = parts.table.find(ref)
  for (;;) {
    const record = parts.table.findAgain(id, ref)
    if (isLive(record)) {
      const running = openRunning(parts, record, use)
      if (running !== undefined) return running
      await parts.exits.next('exit', id)
      continue
    }
    await using stack = new AsyncDisposableStack()
    const lock = await parts.locks.acquire(`container ${id}`)
    if (use === 'write') stack.use(lock)
    using _ = use === 'write' ? undefined : lock
    const found = parts.table.findAgain(id, ref)
    if (isLive(found)) continue // somebody has started it while we waited
    const view = await planPrivate(parts, found, use, stack)
    const held = stack.move()
    return { view, [Symbol.asyncDispose]: () => held.disposeAsync() }
  }
}

/**
 * The root as the container's processes see it, or, of a `tree`, as it was mounted for them. Mounts stay as long as this is
 * open. Undefined when the container has ended, and that is about to be noticed.
 */
function openRunning(
  { supervisor, pathsOf }: ContainerParts,
  record: ContainerRecord,
  use: ViewUse,
): PlannedView | undefined {
  using stack = new DisposableStack()
  try {
    const path = use === 'tree' ? pathsOf(record.id).rootfs : supervisor.rootOf(record)
    const root = stack.use(openDirectory(path))
    if (use !== 'tree') stack.use(new Descriptor(openSync(join(dirname(path), 'ns/mnt'), constants.O_RDONLY)))
    supervisor.rootOf(record) // still the same process: what was opened is neither somebody else's nor unmounted already
    const held = stack.move()
    return { view: { kind: 'open', rootFd: root.fd }, [Symbol.asyncDispose]: async () => held.dispose() }
  } catch (error) {
    if (hasEnded(error)) return undefined
    throw error
  }
}

function openDirectory(path: string): Descriptor {
  return new Descriptor(openSync(path, O_PATH | constants.O_DIRECTORY))
}

function hasEnded(error: unknown): boolean {
  if (error instanceof EngineError) return error.kind === 'conflict'
  return hasCode(error, 'ENOENT', 'ESRCH')
}

/** The caller holds the container's lock. @param held  gets what is to be given back */
async function planPrivate(
  parts: ContainerParts,
  record: ContainerRecord,
  use: ViewUse,
  held: AsyncDisposableStack,
): Promise<FileView> {
  const { images, pathsOf } = parts
  const { id, imageId, state } = record
  if (state.status === 'removing' || state.status === 'dead') {
    throw new EngineError('conflict', `container ${id} is marked for removal`)
  }
  const overlay = prepareRootfs(pathsOf(id), await images.layerDirs(images.find(imageId)))
  if (use === 'tree') return { kind: 'private', overlay, keeps: false, bound: [] }
  // A user of its volumes of our own: the container may be started, and end, meanwhile.
  const visitor = { id: createId(), quiet: true }
  held.defer(() => releaseMounts(parts, record, visitor))
  const bound = boundPaths(parts, record, await acquireMounts(parts, record, visitor))
  return { kind: 'private', overlay, keeps: use === 'write', bound }
}

/** What of the host would be mounted into the container if it ran, outer paths first. */
function boundPaths(
  { pathsOf }: ContainerParts,
  { id, hostConfig }: ContainerRecord,
  { binds }: UserMounts,
): readonly BoundPath[] {
  const { dir } = pathsOf(joinedContainer(hostConfig.NetworkMode) ?? id)
  const taken = new Set(binds.map(({ target }) => target))
  const own = networkFiles
    .map((name) => ({ source: join(dir, name), target: `/etc/${name}`, readOnly: hostConfig.ReadonlyRootfs ?? false }))
    .filter(({ source, target }) => existsSync(source) && !taken.has(target))
  const all = [...own, ...binds.map(({ source, target, readOnly }) => ({ source, target, readOnly }))]
  return all.sort((a, b) => a.target.split('/').length - b.target.split('/').length)
}
