import { createId } from '../../base/id.ts'
import type { OpenSandbox } from '../driver.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { SandboxWish } from '../networking.ts'
import type { AttachWish } from './attach.ts'
import { type Attachment, chooseName } from './draft-endpoint.ts'
import { chosenMac } from './endpoint-options.ts'
import type { LentLease } from './lend-addresses.ts'

/** True: somebody else's program plugs containers into it, and chooses their addresses. */
export function isAttached(
  { drivers }: Pick<NetworkParts, 'drivers'>,
  { network }: Pick<Attachment, 'network'>,
): boolean {
  return network.template === undefined && drivers.of(network).driver.attacher !== undefined
}

/**
 * Plugs a container into those of its networks where somebody else chooses the addresses. Endpoints are drafted
 * afterwards, from what came of it.
 *
 * @param others endpoints that the container has already
 * @param undo   takes it back; the namespace must still be there then
 * @returns by network
 */
export async function attachEndpoints(
  parts: Pick<NetworkParts, 'drivers'>,
  attachments: readonly Attachment[],
  container: SandboxWish,
  others: readonly EndpointRecord[],
  sandbox: OpenSandbox,
  undo: AsyncDisposableStack,
): Promise<ReadonlyMap<string, LentLease>> {
  const leases = new Map<string, LentLease>()
  const names: { readonly interfaceName: string }[] = [...others]
  for (const attachment of attachments) {
    const { network, wish } = attachment
    const { driver, plan } = parts.drivers.of(network)
    if (!driver.traits.hasInterfaces) continue
    const interfaceName = chooseName(wish, driver.interfacePrefix(plan), names)
    names.push({ interfaceName })
    if (!isAttached(parts, attachment)) continue
    const mac = chosenMac(wish)
    const who: AttachWish = {
      id: createId(),
      containerId: container.containerId,
      containerName: container.containerName,
      interfaceName,
      aliases: wish.aliases,
      ...(mac !== undefined && { mac }),
    }
    const { context } = parts.drivers
    leases.set(network.id, { id: who.id, attached: await driver.attacher!.attach(plan, who, sandbox, context) })
    // After: when it fails it leaves nothing.
    undo.defer(() => driver.removeEndpoint(plan, { ...who, mac: '', addresses: [], driverOptions: {} }, context))
  }
  return leases
}
