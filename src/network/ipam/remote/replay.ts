import type { Log } from '../../../base/log.ts'
import type { EndpointRecord, IpamConfig, LentPool, NetworkRecord } from '../../model.ts'
import type { NetworkTable } from '../../network-table.ts'
import { bareAddress, contains, parseAddress, requirePrefix } from '../prefix.ts'
import { type IpamPlugin, ipamLabels } from './ipam-plugin.ts'

/**
 * Tells a plugin that remembers nothing which pools and addresses are in use. Its ids of pools may be others now.
 *
 * What it refuses is logged: the networks are there, whatever it says.
 */
export async function replayRequests(
  plugin: IpamPlugin,
  table: Pick<NetworkTable, 'networks' | 'endpointsOfNetwork' | 'commit'>,
  log: Log,
): Promise<void> {
  const lent = table.networks().filter(({ ipam }) => ipam.driver === plugin.name && ipam.pools !== undefined)
  if (lent.length === 0) return
  const spaces = await plugin.defaultAddressSpaces()
  for (const network of lent) {
    try {
      const pools = await replayPools(plugin, network, network.scope === 'global' ? spaces.global : spaces.local)
      table.commit({ networks: [{ ...network, ipam: { ...network.ipam, pools } }] })
      for (const endpoint of table.endpointsOfNetwork(network.id)) await replayEndpoint(plugin, pools, endpoint)
    } catch (error) {
      log.warn('a plugin does not take up what it has lent', { plugin: plugin.name, network: network.name, error })
    }
  }
}

async function replayPools(
  plugin: IpamPlugin,
  { ipam: { pools = [], configs, options } }: NetworkRecord,
  addressSpace: string,
): Promise<readonly LentPool[]> {
  const renewed: LentPool[] = []
  for (const pool of pools) {
    const config = configs.find(({ subnet }) => subnet === pool.subnet)
    const request = { addressSpace, pool: pool.subnet, subPool: config?.ipRange ?? '', options }
    const { id } = await plugin.requestPool({ ...request, v6: pool.family === 'ipv6' })
    if (pool.gateway !== undefined) {
      await plugin.requestAddress(id, pool.gateway, { [ipamLabels.requestType]: ipamLabels.gateway })
    }
    for (const address of Object.values((config as IpamConfig | undefined)?.auxAddresses ?? {})) {
      await plugin.requestAddress(id, address, null)
    }
    renewed.push({ ...pool, id })
  }
  return renewed
}

async function replayEndpoint(
  plugin: IpamPlugin,
  pools: readonly LentPool[],
  { ipv4, ipv6, containerName, mac }: EndpointRecord,
): Promise<void> {
  const name = { [ipamLabels.endpointName]: containerName }
  const options = plugin.capabilities.requiresMac ? { ...name, [ipamLabels.mac]: mac } : name
  for (const cidr of [ipv4, ipv6]) {
    if (cidr === undefined) continue
    const pool = poolOf(pools, bareAddress(cidr))
    if (pool !== undefined) await plugin.requestAddress(pool.id, bareAddress(cidr), options)
  }
}

/** The pool that an address was lent from. */
export function poolOf(pools: readonly LentPool[], address: string): LentPool | undefined {
  const parsed = parseAddress(address)
  return parsed && pools.find(({ subnet }) => contains(requirePrefix(subnet, 'pool'), parsed))
}
