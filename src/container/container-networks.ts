import { EngineError } from '../base/errors.ts'
import type { EndpointSettings } from '../protocol/container.ts'
import type { ContainerParts } from './container-parts.ts'
import { checkModes } from './create/check-modes.ts'
import { attachmentWish, sandboxWish } from './create/network-wish.ts'
import { ifFound } from './life/if-found.ts'
import { isLive } from './life/is-live.ts'
import type { ContainerRecord } from './model.ts'

/**
 * Connects a container, running or not, to a network, and records the wish.
 *
 * @throws {EngineError} with the words of Docker's rules for `host`, `none` and `container:` mode
 */
export async function connectNetwork(
  parts: ContainerParts,
  ref: string,
  network: string,
  settings: EndpointSettings,
): Promise<void> {
  const { table, networking, locks, pathsOf } = parts
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  const { name } = networking.find(network)
  checkState(record)
  checkModes(record, name)
  const connected = { ...record, networks: { ...record.networks, [name]: settings } }
  const wish = attachmentWish(name, settings)
  // Only this one: another of its networks may be gone, and a start is the time to say so.
  const mode = { kind: 'own', attachments: [wish] } as const
  networking.check({ ...sandboxWish(record, pathsOf(id).dir), mode }, 'connect')
  if (networking.sandboxOf(id) !== undefined) await networking.connect(id, wish)
  table.put({ ...table.find(id), networks: connected.networks })
  await networking.announce(sandboxWish(connected, pathsOf(id).dir))
}

/**
 * Takes a container off a network.
 *
 * @param force also takes away the endpoint of a container that nobody knows any more, by its name
 * @throws {EngineError} with Docker's words when it is not on that network
 */
export async function disconnectNetwork(
  parts: ContainerParts,
  ref: string,
  network: string,
  force: boolean,
): Promise<void> {
  const { table, networking, locks, pathsOf } = parts
  if (force && ifFound(() => table.find(ref)) === undefined) return await disconnectStranger(parts, ref, network)
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  checkState(record)
  const name = networkToLeave(parts, record, network, force)
  if (networking.sandboxOf(id) !== undefined) await networking.disconnect(id, name)
  const { [name]: _gone, ...networks } = record.networks
  table.put({ ...table.find(id), networks })
  await networking.announce(sandboxWish({ ...record, networks }, pathsOf(id).dir))
}

async function disconnectStranger({ networking }: ContainerParts, ref: string, network: string): Promise<void> {
  const { id } = networking.find(network)
  const endpoint = networking.endpointsOf(id).find(({ containerName }) => containerName === ref)
  if (endpoint === undefined) throw new EngineError('not-found', `endpoint ${ref} not found`)
  await networking.disconnect(endpoint.containerId, id)
}

/** The network's name. A container that does not run can leave one that is gone, and with force one that does, too. */
function networkToLeave(
  { networking }: ContainerParts,
  record: ContainerRecord,
  network: string,
  force: boolean,
): string {
  const { id, hostConfig, networks } = record
  const onlyRecorded = !isLive(record) || force
  const name = onlyRecorded && network in networks ? network : networking.find(network).name
  if (hostConfig.NetworkMode === 'host' && name === 'host') {
    throw new EngineError(
      'invalid-argument',
      'cannot disconnect container from host network - container was created in host network mode',
    )
  }
  if (name in networks) return name
  const which = isLive(record) ? 'network' : 'the network'
  throw new EngineError('internal', `container ${id} is not connected to ${which} ${name}`)
}

function checkState({ id, state }: ContainerRecord): void {
  if (state.status === 'removing' || state.status === 'dead') {
    throw new EngineError(
      'internal',
      `Container ${id} is marked for removal and cannot be connected or disconnected to the network`,
    )
  }
}
