import type { ClusterNode, NetworkDraft, SharedEndpoint, SharedNetwork } from '../../cluster/model.ts'
import type { NamedEndpoint } from '../../resolver/protocol.ts'
import { blockArithmetic } from '../ipam/host-blocks.ts'
import { bareAddress } from '../ipam/prefix.ts'
import type { EndpointRecord, IpamConfig, NetworkRecord } from '../model.ts'
import type { NetworkRequest } from '../networking.ts'
import type { PeerSpec } from '../peers.ts'

/** What the cluster knows of a network, in terms of the engine's own records. */
export function recordOf(network: SharedNetwork): NetworkRecord {
  const { id, name, driver, created, enableIPv4, enableIPv6, internal, attachable, options, labels } = network
  return {
    version: 1,
    scope: 'global',
    ...{ id, name, driver, created, enableIPv4, enableIPv6, internal, attachable, options, labels },
    ipam: { driver: 'default', options: network.ipamOptions, configs: network.subnets },
    shared: { vnis: network.subnets.map(() => network.vni), underlayMtu: network.mtu },
  }
}

/** A request as the cluster wants it. @param choices the number that the request wishes, if any; its hosts' blocks, if any */
export function draftOf(
  request: NetworkRequest,
  {
    underlayMtu,
    vni,
    blocks,
  }: { readonly underlayMtu: number; readonly vni: number | undefined; readonly blocks: NetworkDraft['blocks'] },
): NetworkDraft {
  const { name, driver, enableIPv4, enableIPv6, internal, attachable, options, labels } = request
  return {
    ...{ name, driver, enableIPv4, enableIPv6, internal, attachable, options, labels },
    subnets: request.ipamConfigs,
    ipamOptions: request.ipamOptions,
    mtu: underlayMtu,
    ...(vni !== undefined && { vni }),
    ...(blocks && { blocks }),
  }
}

/** This host's own block of a network, by the address of an endpoint of this host; undefined where hosts have none. */
export function blockOf(network: SharedNetwork, { ipv4 }: Pick<SharedEndpoint, 'ipv4'>): IpamConfig | undefined {
  if (network.hostPrefixLength === undefined || ipv4 === undefined) return undefined
  const subnet = blockArithmetic.blockOf(ipv4)
  return { subnet, gateway: blockArithmetic.gatewayOf(subnet) }
}

/** An endpoint of this host as the others are to know it. */
export function sharedOf(endpoint: EndpointRecord, nodeId: string): SharedEndpoint {
  const { id, networkId, containerId, containerName, mac, ipv4, ipv6, dnsNames, aliases } = endpoint
  const addresses = { ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }) }
  return { id, networkId, nodeId, containerId, containerName, mac, ...addresses, dnsNames, aliases }
}

/** An endpoint of another host, as the driver is to reach it. */
export function peerOf({ id, mac, ipv4, ipv6 }: SharedEndpoint, { address }: Pick<ClusterNode, 'address'>): PeerSpec {
  return { endpointId: id, mac, addresses: [ipv4, ipv6].filter((cidr) => cidr !== undefined), hostAddress: address }
}

/** Another host itself, as the driver is to reach it: what its heartbeats need. */
export function hostPeerOf({ id, name, address }: Pick<ClusterNode, 'id' | 'name' | 'address'>): PeerSpec {
  return { endpointId: id, mac: heartbeatMac(id), addresses: [], hostAddress: address, hostName: name }
}

/** The hardware address that a host has for heartbeats on every network: nobody has to be told. No container's begins so. */
export function heartbeatMac(nodeId: string): string {
  return `06:${nodeId.slice(0, 10).match(/../g)!.join(':')}`
}

/** An endpoint of another host, as names are answered. */
export function namesOf({ id, networkId, dnsNames, ipv4, ipv6 }: SharedEndpoint): NamedEndpoint {
  const addresses = [ipv4, ipv6].filter((cidr) => cidr !== undefined).map(bareAddress)
  return { id, networkId, names: dnsNames, addresses }
}
