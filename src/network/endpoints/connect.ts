import { EngineError } from '../../base/errors.ts'
import { refreshLinks } from '../links/links.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish } from '../networking.ts'
import { findNetwork } from '../networks/find-network.ts'
import { tell } from '../networks/networks.ts'
import { checkAttachment } from './check-attachment.ts'
import { gatewayAttachment, needsGateway, prepareGateway, termsIn, wishedNetworks } from './gateway-network.ts'
import { isWished } from './gateways.ts'
import { plugIn, requireSandbox, unplug } from './plug.ts'

/**
 * Plugs a running container into one more network. All of it or none.
 *
 * The engine's own way out comes with it when none of the container's networks leads outside, and goes when this does.
 *
 * @throws {EngineError} with Docker's words
 */
export async function connect(parts: NetworkParts, containerId: string, wish: AttachmentWish): Promise<EndpointRecord> {
  const { table, locks } = parts
  requireSandbox(parts, containerId)
  await prepareGateway(
    parts,
    [...wishedNetworks(parts, containerId), findNetwork(table, wish.network)],
    termsIn(parts, containerId),
  )
  using _ = await locks.acquire(`container ${containerId}`)
  parts.reaper.postpone()
  const { containerName } = requireSandbox(parts, containerId).wish
  const network = findNetwork(table, wish.network)
  checkAttachment(network, wish, 'connect')
  if (wishedNetworks(parts, containerId).some(({ id }) => id === network.id)) {
    throw new EngineError('forbidden', `endpoint with name ${containerName} already exists in network ${network.name}`)
  }
  await using undo = new AsyncDisposableStack()
  const endpoint = await plugIn(parts, containerId, { network, wish })
  undo.defer(() => unplug(parts, containerId, endpoint))
  const gateway = gatewayOf(parts, containerId)
  const isNeeded = needsGateway(parts, wishedNetworks(parts, containerId), termsIn(parts, containerId))
  if (isNeeded && gateway === undefined) await plugIn(parts, containerId, gatewayAttachment(parts))
  if (!isNeeded && gateway !== undefined) await unplug(parts, containerId, gateway)
  undo.move()
  tell(parts, 'connect', network, containerId)
  await refreshLinks(parts, [endpoint])
  return endpoint
}

/**
 * Takes a running container off a network; the interface is gone when this returns.
 *
 * @throws {EngineError} `internal`, with Docker's words, when it is not on it
 */
export async function disconnect(parts: NetworkParts, containerId: string, nameOrId: string): Promise<void> {
  const { table, locks } = parts
  const remaining = () => {
    const { id } = findNetwork(table, nameOrId)
    return wishedNetworks(parts, containerId).filter((network) => network.id !== id)
  }
  requireSandbox(parts, containerId)
  await prepareGateway(parts, remaining(), termsIn(parts, containerId))
  using _ = await locks.acquire(`container ${containerId}`)
  requireSandbox(parts, containerId)
  const network = findNetwork(table, nameOrId)
  const wished = table.endpointsOfContainer(containerId).filter(isWished)
  const endpoint = wished.find(({ networkId }) => networkId === network.id)
  if (endpoint === undefined) {
    throw new EngineError('internal', `container ${containerId} is not connected to network ${network.name}`)
  }
  await using undo = new AsyncDisposableStack()
  const gateway = gatewayOf(parts, containerId)
  const isNeeded = needsGateway(parts, remaining(), termsIn(parts, containerId))
  if (isNeeded && gateway === undefined) {
    // First, so that published ports are moved, and not let go of.
    const made = await plugIn(parts, containerId, gatewayAttachment(parts))
    undo.defer(() => unplug(parts, containerId, made))
  }
  await unplug(parts, containerId, endpoint)
  undo.move()
  if (!isNeeded && gateway !== undefined) await unplug(parts, containerId, gateway)
  tell(parts, 'disconnect', network, containerId)
  await refreshLinks(parts, [endpoint])
}

/** The engine's own way out that a container has. */
function gatewayOf({ table }: NetworkParts, containerId: string): EndpointRecord | undefined {
  return table.endpointsOfContainer(containerId).find((endpoint) => !isWished(endpoint))
}
