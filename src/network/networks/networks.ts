import { EngineError } from '../../base/errors.ts'
import { shortId } from '../../base/id.ts'
import { addressBlocks, readTextIfThere } from '../host-facts.ts'
import type { AddressSpace } from '../ipam/plan-subnets.ts'
import { owedForNetwork } from '../ipam/remote/owed.ts'
import { isRemote } from '../ipam/remote/remote-ipam.ts'
import { TakenBlocks } from '../ipam/taken-blocks.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { TableChange } from '../network-table.ts'
import type { NetworkEvent, NetworkRequest, NetworkWish } from '../networking.ts'
import { parseResolvConf } from '../sandbox/resolv-conf.ts'
import { requireShared } from '../shared/require-shared.ts'
import { farewell, skippedGateways } from '../terms-calls.ts'
import { checkTemplateFree } from './config-network.ts'
import { findNetwork } from './find-network.ts'
import { lendSubnets } from './lend-subnets.ts'
import { withDefaults } from './network-defaults.ts'
import { planNetwork } from './plan-network.ts'
import { isPredefined } from './predefined-names.ts'

/**
 * Makes a network: the record, then the kernel, then the firewall. All of it or none.
 *
 * @throws {EngineError} with Docker's words
 */
export async function createNetwork(parts: NetworkParts, wish: NetworkWish): Promise<NetworkRecord> {
  const { table, drivers, addresses, firewall, locks } = parts
  using _ = await locks.acquire(`network ${wish.name}`)
  parts.reaper.postpone()
  if (wish.configOnly !== true && wish.driver !== undefined) await parts.registry.find(wish.driver)
  const wanted = await settled(parts, withDefaults(wish, parts.config))
  if (isForManyHosts(parts, wanted)) return await requireShared(parts.shared, wanted).create(wanted)
  const withoutGateway = await skippedGateways(parts, wanted)
  using lent = await lendSubnets(parts, wanted, withoutGateway) // asked first: what follows decides and records in one step
  const record = planNetwork(wanted, { ...parts, space: addressSpace(parts), lent, withoutGateway })
  await using undo = new AsyncDisposableStack()
  undo.defer(() => forget(parts, record))
  table.commit({ networks: [record] })
  addresses.open(record)

  undo.defer(() => drivers.removeNetwork(record))
  await drivers.ensureNetwork(record)

  firewall.change({ add: drivers.elements(record) })
  undo.move()
  lent?.keep()
  await parts.announced.networkMade(record.name).catch((error: unknown) => {
    parts.log.warn('cannot announce names', { network: record.name, error })
  })
  tell(parts, 'create', record)
  return record
}

/**
 * Removes a network that nobody is on. The kernel's slow part goes on after the answer.
 *
 * @throws {EngineError} `forbidden` for a predefined one, or one in use; Docker's words
 */
export async function removeNetwork(parts: NetworkParts, nameOrId: string): Promise<NetworkRecord> {
  const { table, drivers, firewall, locks } = parts
  const { name } = findNetwork(table, nameOrId)
  using _ = await locks.acquire(`network ${name}`)
  const record = findNetwork(table, nameOrId) // somebody may have removed it meanwhile
  checkRemovable(parts, record)
  if (record.shared !== undefined && parts.shared !== undefined) {
    await parts.shared.remove(record)
    return record
  }
  const elements = drivers.elements(record)
  const removal = drivers.of(record)
  forget(parts, record, { owed: owedForNetwork(record), owedRemovals: farewell(drivers, record) })
  firewall.change({ remove: elements })
  await parts.drivers.removeNetwork(removal.record)
  drivers.forget(record.id)
  tell(parts, 'destroy', record)
  if (isRemote(record)) {
    const { driver } = record.ipam
    parts.background.run('give subnets back to a plugin', () => parts.remoteIpam.settle(driver))
  }
  return record
}

/** Removes what `filter` takes of the networks that nobody uses. @returns their names */
export async function pruneNetworks(
  parts: NetworkParts,
  filter: (network: NetworkRecord) => boolean,
  inUse: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { table, log } = parts
  const unused = table
    .networks()
    .filter(({ id, name, template }) => !isPredefined(name) && template === undefined && !inUse.has(id))
    .filter(({ id }) => !table.hasEndpoints(id))
  const removed: string[] = []
  for (const record of unused.filter(filter)) {
    try {
      removed.push((await removeNetwork(parts, record.id)).name)
    } catch (error) {
      log.warn('cannot prune network', { network: record.name, error })
    }
  }
  return removed
}

/** With what the driver reads now, and never again. */
async function settled({ registry, drivers }: NetworkParts, wanted: NetworkRequest): Promise<NetworkRequest> {
  if (wanted.configOnly || wanted.configFrom !== undefined) return wanted
  const { attacher } = registry.driver(wanted.driver)
  if (attacher === undefined) return wanted
  return { ...wanted, options: await attacher.settleOptions(wanted.name, wanted.options, drivers.context) }
}

function isForManyHosts({ registry }: NetworkParts, { configOnly, driver }: NetworkRequest): boolean {
  return configOnly !== true && registry.driver(driver).peers !== undefined
}

/** Where new subnets may be. */
export function addressSpace({ addresses, pools, hostRoutes, files }: NetworkParts): AddressSpace {
  return {
    pools,
    networks: addresses.taken,
    occupied: () => {
      const { nameservers } = parseResolvConf(readTextIfThere(files.resolvConf))
      return [hostRoutes.now().routes.taken, new TakenBlocks(addressBlocks(nameservers))]
    },
  }
}

function checkRemovable({ table, shared }: NetworkParts, record: NetworkRecord): void {
  const { id, name } = record
  if (isPredefined(name)) {
    throw new EngineError('forbidden', `${name} is a pre-defined network and cannot be removed`)
  }
  checkTemplateFree(record, table)
  if (record.shared !== undefined && shared !== undefined) return // it knows who is on it elsewhere, too
  const holders = table.endpointsOfNetwork(id)
  if (holders.length === 0) return
  const list = holders.map((endpoint) => `name:${JSON.stringify(endpoint.containerName)} id:"${shortId(endpoint.id)}"`)
  throw new EngineError(
    'forbidden',
    `error while removing network: network ${name} has active endpoints (${list.join(', ')})`,
  )
}

function forget(
  { table, addresses, drivers }: NetworkParts,
  { id }: NetworkRecord,
  owed: Pick<TableChange, 'owed' | 'owedRemovals'> = {},
): void {
  table.commit({ withoutNetworks: [id], ...owed })
  addresses.close(id)
  drivers.forget(id)
}

/** Tells what happened to a network, or to a container on it. */
export function tell(
  { onEvent }: Pick<NetworkParts, 'onEvent'>,
  action: NetworkEvent['action'],
  { id, name, driver }: NetworkRecord,
  containerId?: string,
  attributes?: NetworkEvent['attributes'],
): void {
  const about = { ...(containerId !== undefined && { containerId }), ...(attributes !== undefined && { attributes }) }
  onEvent({ action, network: { id, name, driver }, ...about })
}
