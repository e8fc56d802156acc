import { isDeepStrictEqual } from 'node:util'
import { EngineError } from '../../base/errors.ts'
import { listAddresses } from '../../kernel/netlink/addresses.ts'
import { findLink } from '../../kernel/netlink/links.ts'
import { type PredefinedNetwork, predefinedNetworks } from '../drivers/predefined-networks.ts'
import { planSubnets } from '../ipam/plan-subnets.ts'
import { parsePrefix, requirePrefix } from '../ipam/prefix.ts'
import { TakenBlocks } from '../ipam/taken-blocks.ts'
import type { IpamConfig, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { NetworkRequest } from '../networking.ts'
import { planDefaultSubnets } from './default-subnets.ts'
import { addressSpace } from './networks.ts'
import { newRecord } from './plan-network.ts'
import { defaultNetwork } from './predefined-names.ts'

/**
 * Records the networks that are always there, and brings the default one in line with the settings.
 *
 * While containers are on it, its subnets stay.
 *
 * @throws {EngineError} when the settings of the default bridge make no sense, or no subnet is left
 */
export function ensurePredefined(parts: NetworkParts): void {
  const { table, registry, addresses, config, host, log } = parts
  removeUnwanted(parts)
  const wanted = predefinedNetworks(host, config, table.networkNamed(defaultNetwork)?.options)
  const changed = wanted.flatMap((network): NetworkRecord[] => {
    const present = table.networkNamed(network.name)
    const hasInterfaces = registry.driver(network.driver).traits.hasInterfaces
    const configs = hasInterfaces ? subnetsOf(parts, present) : []
    const next = withSubnets(present ?? newRecord(requestOf(network)), configs, network.options)
    return isDeepStrictEqual(present, next) ? [] : [next]
  })
  if (changed.length > 0) table.commit({ networks: changed })
  for (const network of changed) addresses.open(network, table.endpointsOfNetwork(network.id))
  for (const { name, ipam, options } of changed)
    log.info('has network', { network: name, subnets: ipam.configs, options })
}

/** `bridge: none`: there is no default network. Its bridge is swept away with everything that nobody wants. */
function removeUnwanted({ config, table, addresses, drivers, log }: NetworkParts): void {
  const present = table.networkNamed(defaultNetwork)
  if (config.bridge !== 'none' || present === undefined) return
  if (table.hasEndpoints(present.id)) {
    log.warn('keeps the default network while containers are on it', { network: defaultNetwork })
    return
  }
  table.commit({ withoutNetworks: [present.id] })
  addresses.close(present.id)
  drivers.forget(present.id)
}

function withSubnets(
  record: NetworkRecord,
  configs: readonly IpamConfig[],
  options: Readonly<Record<string, string>>,
): NetworkRecord {
  const enableIPv6 = configs.some(({ subnet }) => parsePrefix(subnet)?.family === 'ipv6')
  return { ...record, enableIPv6, options, ipam: { ...record.ipam, configs } }
}

function subnetsOf(parts: NetworkParts, present: NetworkRecord | undefined): readonly IpamConfig[] {
  const current = present?.ipam.configs ?? []
  const wanted = planDefaultSubnets(parts.config, current, adoptedAddresses(parts))
  if (isDeepStrictEqual(current, wanted)) return current
  if (present !== undefined && parts.table.hasEndpoints(present.id)) {
    parts.log.warn('keeps the subnets of the default network while containers are on it', { wanted, current })
    return current
  }
  return choose(parts, wanted, present?.id)
}

/** Addresses of the bridge that the settings name. @throws {EngineError} `not-found` when there is none; Docker's words */
function adoptedAddresses({ config, host }: NetworkParts): readonly string[] {
  if (config.bridge === '') return []
  const link = findLink(host, config.bridge)
  if (link === undefined) {
    throw new EngineError(
      'not-found',
      `error creating default "bridge" network: bridge device with non default name ${config.bridge} must be created manually`,
    )
  }
  if (link.kind !== 'bridge') {
    const why = `existing interface ${config.bridge} is not a bridge`
    throw new EngineError('invalid-argument', `error creating default "bridge" network: ${why}`)
  }
  return listAddresses(host, link.index)
    .filter(({ address }) => !/^fe[89ab]/.test(address)) // every interface has its link-local one
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
}

function choose(parts: NetworkParts, configs: readonly Partial<IpamConfig>[], itself?: string): readonly IpamConfig[] {
  const others = parts.table.networks().filter(({ id }) => id !== itself)
  const subnets = others.flatMap(({ ipam }) => ipam.configs.map(({ subnet }) => requirePrefix(subnet, 'subnet')))
  const enableIPv6 = configs.length > 1
  const space = { ...addressSpace(parts), networks: new TakenBlocks(subnets) }
  return planSubnets({ configs, enableIPv4: true, enableIPv6 }, space)
}

/** A request for a network that the engine makes by itself. */
export function requestOf({ name, driver, options }: PredefinedNetwork): NetworkRequest {
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
