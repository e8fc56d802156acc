import { EngineError } from '../base/errors.ts'
import type { PortRange } from '../base/port-specs.ts'
import type { PublishedPort } from '../network/model.ts'
import type { PortWish } from '../network/networking.ts'
import { socketText } from '../network/ports/port-plan.ts'
import { PortTable } from '../network/ports/port-table.ts'
import type { ContainerParts } from './container-parts.ts'
import { joinedContainer } from './create/network-wish.ts'
import { type MeantPort, type PortBindings, withBindings, withoutBindings } from './create/port-bindings.ts'
import { portWishes } from './create/port-wishes.ts'
import type { ContainerRecord } from './model.ts'

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
  if (networking.sandboxOf(id) === undefined) checkWaiting(record, wishes)
  else {
    bound = await networking.publish(id, wishes)
    undo.defer(() => networking.unpublish(id, bound, portWishes(record.config, record.hostConfig)))
  }
  table.put({ ...table.find(id), hostConfig })
  undo.move()
  publish('update', record)
  return bound
}

/**
 * Withdraws published ports of a container, at once when it runs, and forgets them. All of them or none.
 *
 * @throws {EngineError} `not-found` when one is not published
 */
export async function unpublishPorts(parts: ContainerParts, ref: string, meant: readonly MeantPort[]): Promise<void> {
  const { table, networking, locks, publish } = parts
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.find(id)
  checkMode(record)
  const byKey = Map.groupBy(meant, ({ key }) => key)
  const gone = networking.publishedPorts(id).filter((port) => byKey.get(keyOf(port))?.some((one) => isAt(one, port)))
  const { hostConfig, missing } = withoutBindings(record, meant)
  const goneByKey = Map.groupBy(gone, keyOf)
  const unknown = missing.find((one) => !goneByKey.get(one.key)?.some((port) => isAt(one, port)))
  if (unknown !== undefined) {
    const { key, hostPorts } = unknown
    const where = hostPorts === undefined ? '' : ` on port ${rangeText(hostPorts)} of the host`
    throw new EngineError('not-found', `Cannot unpublish "${key}" of container "${record.name}": not published${where}`)
  }
  if (networking.sandboxOf(id) !== undefined) {
    await networking.unpublish(id, gone, portWishes(record.config, hostConfig))
  }
  table.put({ ...table.find(id), hostConfig })
  publish('update', record)
}

function keyOf({ containerPort, protocol }: PublishedPort): string {
  return `${containerPort}/${protocol}`
}

function isAt({ hostPorts }: MeantPort, { hostPort }: PublishedPort): boolean {
  return hostPorts === undefined || (hostPorts.first <= hostPort && hostPort <= hostPorts.last)
}

function rangeText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}

/** Ports that wait for the next start clash now, not then. @throws {EngineError} `internal` with Docker's words */
function checkWaiting(record: ContainerRecord, wishes: readonly PortWish[]): void {
  const taken = new PortTable()
  const claims = [...portWishes(record.config, record.hostConfig), ...wishes]
    .filter(({ hostPorts: { from, to } }) => from === to && from !== 0)
    .map(({ protocol, hostAddress, hostPorts }) => {
      return { protocol, hostAddress: hostAddress || '0.0.0.0', hostPort: hostPorts.from }
    })
  const clash = claims.find((claim) => !taken.claim(claim))
  if (clash === undefined) return
  const where = socketText(clash.hostAddress, clash.hostPort)
  throw new EngineError('internal', `Bind for ${where} failed: port is already allocated`)
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
