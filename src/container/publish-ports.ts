import { EngineError } from '../base/errors.ts'
import type { PublishedPort } from '../network/model.ts'
import type { ContainerParts } from './container-parts.ts'
import type { ContainerRecord } from './model.ts'
import { joinedContainer } from './network-wish.ts'
import { type PortBindings, withBindings, withoutBindings } from './port-bindings.ts'
import { portWishes } from './port-wishes.ts'

/**
 * Publishes more ports of a container, at once when it runs, and records them. All of them or none.
 *
 * @returns what was bound; nothing for a container that does not run
 * @throws {EngineError} `invalid-argument` for a container without a network of its own; Docker's words for a clash
 */
export async function publishPorts(
  parts: ContainerParts,
  ref: string,
  bindings: PortBindings,
): Promise<readonly PublishedPort[]> {
  const { table, networking, locks, publish } = parts
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  checkMode(record)
  const wishes = portWishes({}, { PortBindings: bindings })
  if (wishes.length === 0) {
    throw new EngineError('invalid-argument', `Cannot publish ports of container "${record.name}": none is named`)
  }
  const hostConfig = withBindings(record, bindings)
  await using undo = new AsyncDisposableStack()
  let bound: readonly PublishedPort[] = []
  if (networking.sandboxOf(id) !== undefined) {
    bound = await networking.publish(id, wishes)
    undo.defer(() => networking.unpublish(id, bound, portWishes(record.config, record.hostConfig)))
  }
  table.put({ ...table.find(id), hostConfig })
  undo.move()
  publish('update', record)
  return bound
}

/**
 * Withdraws one published port of a container, at once when it runs, and forgets it.
 *
 * @param port `hostPort`: only where it is published on that port of the host
 * @throws {EngineError} `not-found` when it is not published
 */
export async function unpublishPort(
  parts: ContainerParts,
  ref: string,
  { key, hostPort }: { readonly key: string; readonly hostPort?: number },
): Promise<void> {
  const { table, networking, locks, publish } = parts
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  checkMode(record)
  const gone = networking.publishedPorts(id).filter((port) => {
    return `${port.containerPort}/${port.protocol}` === key && (hostPort === undefined || port.hostPort === hostPort)
  })
  const hostConfig = withoutBindings(record, key, hostPort)
  if (hostConfig === undefined && gone.length === 0) {
    const where = hostPort === undefined ? '' : ` on port ${hostPort} of the host`
    throw new EngineError('not-found', `Cannot unpublish "${key}" of container "${record.name}": not published${where}`)
  }
  const next = hostConfig ?? record.hostConfig
  if (networking.sandboxOf(id) !== undefined) await networking.unpublish(id, gone, portWishes(record.config, next))
  table.put({ ...table.find(id), hostConfig: next })
  publish('update', record)
}

function checkMode({ id, name, hostConfig, networks, state }: ContainerRecord): void {
  const refuse = (why: string) => {
    return new EngineError('invalid-argument', `Cannot change the published ports of container "${name}": ${why}`)
  }
  if (hostConfig.NetworkMode === 'host') throw refuse('it has the network of the host, where every port is open')
  if (joinedContainer(hostConfig.NetworkMode) !== undefined) {
    throw refuse('it shares the network of another container, whose ports are to be published instead')
  }
  if ('none' in networks) throw refuse('it is on no network')
  if (state.status === 'removing' || state.status === 'dead') {
    throw new EngineError('conflict', `container ${id} is marked for removal`)
  }
}
