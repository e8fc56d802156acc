import { EngineError } from '../../../base/errors.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { IpamConfig, LentPool } from '../../model.ts'
import { checkInside, type SubnetWish } from '../check-configs.ts'
import {
  bareAddress,
  contains,
  type Family,
  formatAddress,
  formatPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../prefix.ts'
import type { Taken } from '../taken-blocks.ts'
import { type IpamPlugin, ipamLabels, type Release } from './ipam-plugin.ts'

/** Pools that a plugin may offer one after the other before one is free of what is there already. */
const mostOffers = 256

/** What a network needs of a plugin. */
export interface SubnetsRequest {
  readonly wishes: readonly SubnetWish[]
  readonly options: Readonly<Record<string, string>>
  readonly scope: 'local' | 'global'
  /** Families whose subnets need no gateway, unless somebody names one. */
  readonly withoutGateway: readonly Family[]
  /** What a pool that the plugin chooses must not touch. */
  readonly occupied: readonly Taken[]
}

/** One subnet that a plugin has lent. */
export interface LentSubnet {
  readonly config: IpamConfig
  readonly pool: LentPool
}

/**
 * Asks a plugin for a network's subnets, their gateways and auxiliary addresses.
 *
 * @param taken  called for everything that the plugin has given, as soon as it has: to be given back when this throws
 * @throws {EngineError} with Docker's words
 */
export async function requestSubnets(
  plugin: IpamPlugin,
  request: SubnetsRequest,
  taken: (release: Release) => void,
): Promise<readonly LentSubnet[]> {
  const spaces = await plugin.defaultAddressSpaces()
  const addressSpace = request.scope === 'global' ? spaces.global : spaces.local
  const lent: LentSubnet[] = []
  for (const wish of request.wishes) lent.push(await requestSubnet(plugin, { ...request, addressSpace, wish }, taken))
  return lent
}

interface OneSubnet extends SubnetsRequest {
  readonly addressSpace: string
  readonly wish: SubnetWish
}

async function requestSubnet(
  plugin: IpamPlugin,
  request: OneSubnet,
  taken: (release: Release) => void,
): Promise<LentSubnet> {
  const { config, family } = request.wish
  const { id, prefix, data } = await requestPool(plugin, request, taken)
  checkInside(prefix, config)
  const gateway = await gatewayOf(plugin, request, { id, prefix, data }, taken)
  const { ipRange, auxAddresses = {} } = config
  for (const [name, address] of Object.entries(auxAddresses)) {
    await requestInside(plugin, { id, prefix, address, options: null }, taken).catch((cause: Error) => {
      throw failed(`failed to allocate secondary ip address (${name}:${address}): ${cause.message}`, cause)
    })
  }
  return {
    config: {
      subnet: formatPrefix(prefix),
      ...(ipRange && { ipRange }),
      ...(gateway && { gateway: gateway.address }),
      ...(Object.keys(auxAddresses).length > 0 && { auxAddresses }),
    },
    pool: { id, family, subnet: formatPrefix(prefix), ...(gateway?.asked && { gateway: gateway.address }) },
  }
}

interface Offer {
  readonly id: string
  readonly prefix: Prefix
  readonly data: Readonly<Record<string, string>>
}

/** A pool that the plugin chooses is refused, and held until there is a better one, while it touches what is there. */
async function requestPool(
  plugin: IpamPlugin,
  { addressSpace, wish: { config, family }, options, scope, occupied }: OneSubnet,
  taken: (release: Release) => void,
): Promise<Offer> {
  const { subnet: pool = '', ipRange: subPool = '' } = config
  const refused = new Map<string, Offer>()
  try {
    for (;;) {
      const offer = readOffer(
        plugin,
        family,
        await plugin.requestPool({ addressSpace, pool, subPool, options, v6: family === 'ipv6' }),
      )
      const fits = pool !== '' || scope === 'global' || !occupied.some((blocks) => blocks.touches(offer.prefix))
      if (fits) {
        taken({ poolId: offer.id })
        return offer
      }
      if (refused.has(offer.id) || refused.size >= mostOffers) {
        throw new EngineError(
          'forbidden',
          `plugin "${plugin.name}" offers nothing but pools that are in use here: ${formatPrefix(offer.prefix)}`,
        )
      }
      refused.set(offer.id, offer)
    }
  } finally {
    for (const poolId of refused.keys()) await plugin.release({ poolId }).catch(() => taken({ poolId }))
  }
}

function readOffer(
  plugin: IpamPlugin,
  family: Family,
  { id, pool, data }: { readonly id: string; readonly pool: string; readonly data: Offer['data'] },
): Offer {
  const prefix = parsePrefix(pool)
  const why =
    prefix === undefined
      ? 'it is no address block'
      : prefix.family !== family
        ? `it is no block of ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`
        : prefix.length === 0
          ? 'it is everything there is'
          : id === ''
            ? 'it has no id'
            : undefined
  if (prefix !== undefined && why === undefined) return { id, prefix, data }
  throw new PluginError(`Cannot use address pool ${JSON.stringify(pool)} of plugin "${plugin.name}": ${why}`, {
    answered: true,
  })
}

/** @returns `asked`: the plugin was asked for it, and wants it back */
async function gatewayOf(
  plugin: IpamPlugin,
  { wish: { config, family }, withoutGateway }: OneSubnet,
  { id, prefix, data }: Offer,
  taken: (release: Release) => void,
): Promise<{ readonly address: string; readonly asked: boolean } | undefined> {
  const offered = data[ipamLabels.gateway]
  if (!config.gateway && offered !== undefined) {
    const [address = ''] = offered.split('/')
    if (parsePrefix(offered) !== undefined && isInside(prefix, address)) return { address, asked: false }
    const why = parsePrefix(offered) ? `not in ${formatPrefix(prefix)}` : `invalid CIDR address: ${offered}`
    throw new EngineError(
      'invalid-argument',
      `failed to parse gateway address (${offered}) returned by ipam driver: ${why}`,
    )
  }
  if (!config.gateway && withoutGateway.includes(family)) return undefined
  const options = { [ipamLabels.requestType]: ipamLabels.gateway }
  const wanted = config.gateway ?? ''
  const given = await requestInside(plugin, { id, prefix, address: wanted, options }, taken).catch((cause: Error) => {
    throw failed(`failed to allocate gateway (${wanted}): ${cause.message}`, cause)
  })
  return { address: given.split('/', 1)[0]!, asked: true }
}

/** What is asked of one pool. */
export interface AddressRequest {
  readonly id: string
  readonly prefix: Prefix
  /** `"10.0.0.5"`; empty: any. */
  readonly address: string
  readonly options: Readonly<Record<string, string>> | null
}

/**
 * Asks for an address, and believes nothing but one of the pool.
 *
 * @returns `"10.0.0.5/24"`, with the length that the plugin says
 */
export async function requestInside(
  plugin: IpamPlugin,
  { id, prefix, address, options }: AddressRequest,
  taken: (release: Release) => void,
): Promise<string> {
  const given = await plugin.requestAddress(id, address, options)
  if (given === '') throw new EngineError('unavailable', 'no address returned')
  const parsed = parseAddress(bareAddress(given))
  if (parsed === undefined || parsePrefix(given) === undefined) {
    throw new PluginError(`plugin "${plugin.name}": invalid CIDR address: ${given}`, { answered: true })
  }
  const bare = formatAddress(parsed) // as we write it: the plugin may write zeros, and capitals
  taken({ poolId: id, address: bare })
  const asWished = address === '' || parseAddress(address)?.value === parsed.value
  if (contains(prefix, parsed) && asWished) return given.replace(/^[^/]+/, bare)
  const wanted = asWished ? `one of ${formatPrefix(prefix)}` : address
  throw new PluginError(`plugin "${plugin.name}" gave address ${given} when asked for ${wanted}`, { answered: true })
}

function isInside(prefix: Prefix, text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && contains(prefix, address)
}

/** A sentence around another one: what it leads to stays. */
function failed(message: string, cause: Error): Error {
  return cause instanceof EngineError ? new EngineError('internal', message, { cause }) : cause
}
