import { isDeepStrictEqual } from 'node:util'
import { planSubnets } from './ipam/plan-subnets.ts'
import { bareAddress, formatPrefix, requirePrefix } from './ipam/prefix.ts'
import type { IpamConfig, NetworkRecord } from './model.ts'
import type { NetworkParts } from './network-parts.ts'
import type { NetworkRequest } from './networking.ts'
import { addressSpace } from './networks.ts'
import { newRecord } from './plan-network.ts'
import { defaultNetwork } from './predefined-names.ts'
import { type PredefinedNetwork, predefinedNetworks } from './registry.ts'

/**
 * Records the networks that are always there, and brings the default one in line with the settings.
 *
 * While containers are on it, its subnet stays.
 *
 * @throws {EngineError} when `bip` makes no sense, or no subnet is left
 */
export function ensurePredefined(parts: NetworkParts): void {
  const { table, registry, addresses, config, host, log } = parts
  const wanted = predefinedNetworks(host, config.mtu, table.networkNamed(defaultNetwork)?.options)
  const changed = wanted.flatMap((network): NetworkRecord[] => {
    const present = table.networkNamed(network.name)
    const configs = registry.driver(network.driver).traits.hasInterfaces ? subnetsOf(parts, present) : []
    const next = withSubnets(present ?? newRecord(requestOf(network)), configs, network.options)
    return isDeepStrictEqual(present, next) ? [] : [next]
  })
  if (changed.length > 0) table.commit({ networks: changed })
  for (const network of changed) addresses.open(network, table.endpointsOfNetwork(network.id))
  for (const { name, ipam, options } of changed)
    log.info('has network', { network: name, subnets: ipam.configs, options })
}

function withSubnets(
  record: NetworkRecord,
  configs: readonly IpamConfig[],
  options: Readonly<Record<string, string>>,
): NetworkRecord {
  return { ...record, options, ipam: { ...record.ipam, configs } }
}

function subnetsOf(parts: NetworkParts, present: NetworkRecord | undefined): readonly IpamConfig[] {
  const { bip } = parts.config
  const current = present?.ipam.configs ?? []
  if (bip === '') return current.length > 0 ? current : choose(parts, [])
  const wish = { subnet: formatPrefix(requirePrefix(bip, 'bip')), gateway: bareAddress(bip) }
  if (isDeepStrictEqual(current, [wish])) return current
  if (present !== undefined && parts.table.hasEndpoints(present.id)) {
    parts.log.warn('keeps the subnet of the default network while containers are on it', { wanted: wish, current })
    return current
  }
  return choose(parts, [wish], present?.id)
}

function choose(parts: NetworkParts, configs: readonly IpamConfig[], itself?: string): readonly IpamConfig[] {
  const own = new Set(itself === undefined ? [] : parts.table.network(itself)?.ipam.configs.map(({ subnet }) => subnet))
  const space = addressSpace(parts)
  const networks = space.networks.filter((prefix) => !own.has(formatPrefix(prefix)))
  return planSubnets({ configs, enableIPv4: true, enableIPv6: false }, { ...space, networks })
}

function requestOf({ name, driver, options }: PredefinedNetwork): NetworkRequest {
  return {
    name,
    driver,
    options,
    enableIPv4: true,
    enableIPv6: false,
    internal: false,
    attachable: false,
    ipamDriver: 'default',
    ipamOptions: {},
    ipamConfigs: [],
    labels: {},
  }
}
