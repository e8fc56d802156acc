import { createId } from '../../base/id.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, SandboxWish } from '../networking.ts'
import type { EndpointWish } from '../terms.ts'
import { agree, keep, withdraw } from '../terms-calls.ts'
import { chosenMac, isIPv6Off } from './endpoint-options.ts'
import { isLent, type LentLease } from './lend-addresses.ts'

/** A network that a container is to be on. */
interface Joining {
  readonly network: NetworkRecord
  readonly wish: AttachmentWish
}

/** An endpoint that a driver with terms has made; withdrawn unless it is kept. */
export interface AgreedEndpoint extends Disposable {
  readonly lease: LentLease
  keep(): void
}

/** True: the network's driver decides for each endpoint how it looks. */
export function hasTerms({ drivers }: Pick<NetworkParts, 'drivers'>, network: NetworkRecord): boolean {
  return network.template === undefined && drivers.of(network).driver.terms !== undefined
}

/**
 * Agrees with a network's driver on an endpoint that is to be: its addresses are taken from here on.
 *
 * @param lent what a plugin has lent, where one manages the network's addresses
 */
export async function agreeOnEndpoint(
  parts: NetworkParts,
  { network, wish }: Joining,
  container: SandboxWish,
  sandboxPath: string,
  lent: LentLease | undefined,
): Promise<AgreedEndpoint> {
  const { addresses, drivers } = parts
  using undo = new DisposableStack()
  const taken = isLent(network) ? (lent ?? {}) : addresses.reserve(network, wish)
  if (!isLent(network)) undo.defer(() => addresses.release(network.id, taken))
  const { ipv4, ipv6 } = taken
  const hasIPv6 = !isIPv6Off(container.sysctls, wish.driverOptions, '')
  const mac = chosenMac(wish) ?? lent?.mac
  const asked: EndpointWish = {
    id: lent?.id ?? createId(),
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && hasIPv6 && { ipv6 }),
    ...(mac !== undefined && { mac }),
    ...portsOf(container),
    driverOptions: wish.driverOptions,
    sandboxPath,
  }
  const terms = await agree(drivers, network, asked)
  undo.defer(() => withdraw(drivers, network, asked.id))
  const owned = undo.move()
  const chosen = { ...taken, ...terms }
  return {
    lease: {
      id: asked.id,
      terms,
      ...(chosen.ipv4 && { ipv4: chosen.ipv4 }),
      ...(chosen.ipv6 && { ipv6: chosen.ipv6 }),
      ...((mac ?? terms.mac) && { mac: mac ?? terms.mac! }),
    },
    keep() {
      owned.move()
      keep(drivers, network, asked.id)
    },
    [Symbol.dispose]: () => owned.dispose(),
  }
}

/** An endpoint as it was asked for, of a container that is there. */
export function wishOf(
  { id, ipv4, ipv6, mac, driverOptions }: EndpointRecord,
  container: SandboxWish,
  sandboxPath: string,
): EndpointWish {
  return { id, ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }), mac, driverOptions, sandboxPath, ...portsOf(container) }
}

function portsOf({ ports, exposed = [] }: SandboxWish): Pick<EndpointWish, 'ports' | 'exposed'> {
  return { ports, exposed }
}
