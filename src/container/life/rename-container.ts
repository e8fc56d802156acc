import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import { sandboxWish } from '../create/network-wish.ts'

/** Gives a container another name; its DNS names follow at once. @throws {EngineError} `conflict` when the name is taken */
export async function renameContainer(parts: ContainerParts, ref: string, newName: string): Promise<void> {
  const { table, locks, networking, publish } = parts
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  const name = newName.replace(/^\//, '')
  if (record.name === name) {
    throw new EngineError('invalid-argument', 'Renaming a container with the same name as its current name')
  }
  using _name = await holdName(parts, name)
  await networking.rename(id, name)
  const renamed = { ...table.find(id), name }
  table.put(renamed)
  await networking.announce(sandboxWish(renamed, parts.pathsOf(id).dir))
  publish('rename', renamed, { oldName: `/${record.name}` })
}

/**
 * Keeps a name from everybody else until it is recorded. Taken after the locks of networks and containers, before those of volumes.
 *
 * @throws {EngineError} `conflict` when it is taken
 */
export async function holdName(parts: Pick<ContainerParts, 'table' | 'locks'>, name: string): Promise<Disposable> {
  using held = new DisposableStack()
  held.use(await parts.locks.acquire(`container name ${name}`))
  checkNameIsFree(parts, name)
  return held.move()
}

/** @throws {EngineError} `conflict` in Docker's words, naming the container that has the name */
export function checkNameIsFree({ table }: Pick<ContainerParts, 'table'>, name: string): void {
  const holder = table.named(name)
  if (holder === undefined) return
  throw new EngineError(
    'conflict',
    `Conflict. The container name "/${name}" is already in use by container "${holder.id}". ` +
      'You have to remove (or rename) that container to be able to reuse that name.',
  )
}
