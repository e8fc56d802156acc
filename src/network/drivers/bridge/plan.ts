import { EngineError } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'
import type { NetworkSpec, Publishing } from '../../driver.ts'
import { type Element, quoted } from '../../firewall/elements.ts'
import { requirePrefix, withLength } from '../../ipam/prefix.ts'
import { checkSubnets } from './check-subnets.ts'
import { isOwnDefaultName } from './default-network.ts'
import { type BridgeOptions, parseBridgeOptions } from './options.ts'

/** A bridge network, ready to be made. */
export interface BridgePlan {
  readonly networkId: string
  readonly networkName: string
  /** The host's interface: `"docker0"`, `"br-0123456789ab"`. */
  readonly bridge: string
  /** True: a bridge of that name may be somebody else's; then it is used, and never deleted. */
  readonly adopts: boolean
  /** Bytes; undefined: as the host's way out has it. */
  readonly mtu: number | undefined
  /** Fixed: else the bridge takes the lowest of its ports', and every neighbour entry for the gateway goes stale. */
  readonly mac: string
  /** Of the bridge itself: `"172.18.0.1/16"`. */
  readonly addresses: readonly string[]
  readonly subnets: readonly string[]
  /** True: containers that the bridge keeps apart may be let through to each other by the firewall, after all. */
  readonly hasLinks: boolean
  readonly internal: boolean
  readonly enableIPv6: boolean
  /** Published ports are reached at the containers' own addresses, by every interface of the host. */
  readonly directRouting: boolean
  readonly options: BridgeOptions
}

/** @throws {EngineError} with Docker's words for what a bridge cannot be */
export function planBridge(spec: NetworkSpec, directRouting = false): BridgePlan {
  const options = parseBridgeOptions(spec.options)
  const families = checkSubnets(spec.subnets, options.mtu)
  const modes = { ipv4: options.gatewayMode4, ipv6: options.gatewayMode6 }
  if (!spec.internal && Object.values(modes).includes('isolated')) {
    throw new EngineError('invalid-argument', "gateway mode 'isolated' can only be used for an internal network")
  }
  const addresses = spec.subnets.flatMap(({ prefix, gateway }, i) => {
    const family = families[i]!
    const bare = gateway === undefined || modes[family] === 'isolated' || (options.inhibitIPv4 && family === 'ipv4')
    return bare ? [] : [withLength(gateway, requirePrefix(prefix, 'subnet'))]
  })
  return {
    networkId: spec.id,
    networkName: spec.name,
    bridge: options.name ?? `br-${shortId(spec.id)}`,
    adopts: options.name !== undefined && !(spec.isDefault && isOwnDefaultName(options.name)),
    mtu: options.mtu,
    mac: bridgeMac(spec.id),
    addresses,
    subnets: spec.subnets.map(({ prefix }) => prefix),
    hasLinks: spec.isDefault && !options.icc,
    internal: spec.internal,
    enableIPv6: spec.enableIPv6,
    directRouting,
    options,
  }
}

/** The hardware address of a network's bridge: locally administered, from the network's id. */
export function bridgeMac(networkId: string): string {
  return `02:42:${networkId.slice(0, 8).match(/../g)!.join(':')}`
}

/** What the firewall must know of the network. */
export function bridgeElements({
  bridge,
  networkName,
  subnets,
  internal,
  directRouting,
  options,
}: BridgePlan): Element[] {
  const comment = `network ${networkName}`
  const name = quoted(bridge)
  const outside = internal ? [] : subnets.flatMap((subnet) => outsideElements(subnet, options, directRouting))
  return [
    { set: 'bridges', key: name, comment },
    { set: 'same_network', key: `${name} . ${name}`, comment },
    ...subnets.map((subnet) => ({ set: ofFamily('own', subnet), key: subnet, comment })),
    ...(internal ? [{ set: 'internal', key: name, comment } as const] : []),
    ...(options.icc ? [] : [{ set: 'icc_off', key: name, comment } as const]),
    ...outside.map((element) => ({ ...element, comment })),
  ]
}

/** What one subnet and the world may do to each other. */
function outsideElements(subnet: string, options: BridgeOptions, directRouting: boolean): Element[] {
  const [mode, hostAddress] = subnet.includes(':')
    ? [options.gatewayMode6, options.hostIPv6]
    : [options.gatewayMode4, options.hostIPv4]
  if (mode === 'routed') return [{ set: ofFamily('routed', subnet), key: subnet }]
  const open: Element[] = mode === 'nat-unprotected' ? [{ set: ofFamily('unprotected', subnet), key: subnet }] : []
  if (!options.masquerade) return open
  const source: Element =
    hostAddress === undefined
      ? { set: ofFamily('masquerade', subnet), key: subnet }
      : { set: ofFamily('source', subnet), key: subnet, data: hostAddress }
  if (mode === 'nat-unprotected') return [source, ...open]
  if (directRouting) return [source]
  const trusted = options.trustedInterfaces.map((name): Element => {
    return { set: ofFamily('trusted', subnet), key: `${quoted(name)} . ${subnet}` }
  })
  return [source, { set: ofFamily('protected', subnet), key: subnet }, ...trusted]
}

/** How containers of a bridge network are reached by their published ports. Pure. */
export function bridgePublishing({ options, directRouting }: BridgePlan): Publishing {
  const modes = { ipv4: options.gatewayMode4, ipv6: options.gatewayMode6 }
  const routed = (['ipv4', 'ipv6'] as const).filter((family) => modes[family] === 'routed')
  const opens = directRouting || options.trustedInterfaces.length > 0
  return {
    routed,
    opened: opens ? ['ipv4', 'ipv6'] : routed,
    ...(options.hostBinding !== undefined && { defaultHostAddress: options.hostBinding }),
  }
}

function ofFamily<Name extends string>(name: Name, subnet: string): `${Name}${4 | 6}` {
  return `${name}${subnet.includes(':') ? 6 : 4}`
}
