import type { EndpointRecord, IpamConfig, NetworkRecord } from '../../network/model.ts'
import type { NetworkElsewhere } from '../../network/shared/elsewhere.ts'
import type { NetworkIpamConfig, NetworkMember, NetworkResource } from '../../protocol/network.ts'

/** A network, with its containers when their endpoints are given, and what it has on other hosts. */
export function networkView(
  record: NetworkRecord,
  endpoints: readonly EndpointRecord[] = [],
  elsewhere?: NetworkElsewhere,
): NetworkResource {
  return {
    Name: record.name,
    Id: record.id,
    Created: record.created,
    Scope: record.scope,
    Driver: record.driver,
    EnableIPv4: record.enableIPv4,
    EnableIPv6: record.enableIPv6,
    IPAM: {
      Driver: record.ipam.driver,
      Options: Object.keys(record.ipam.options).length > 0 ? record.ipam.options : null,
      Config: (record.template?.ipamConfigs ?? record.ipam.configs).map(ipamView),
    },
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: record.configFrom ?? '' },
    ConfigOnly: record.template !== undefined,
    Containers: Object.fromEntries([
      ...endpoints.map((endpoint) => [endpoint.containerId, memberView(endpoint)]),
      // As Docker showed those of other hosts.
      ...(elsewhere?.endpoints ?? []).map(({ endpoint }) => [`ep-${endpoint.id}`, memberView(endpoint)]),
    ]),
    Options: record.options,
    Labels: record.labels,
    ...(elsewhere && { Peers: elsewhere.hosts.map(({ name, address }) => ({ Name: name, IP: address })) }),
  }
}

function ipamView({ subnet, ipRange, gateway, auxAddresses }: Partial<IpamConfig>): NetworkIpamConfig {
  return {
    ...(subnet ? { Subnet: subnet } : {}),
    ...(ipRange ? { IPRange: ipRange } : {}),
    ...(gateway ? { Gateway: gateway } : {}),
    ...(auxAddresses && Object.keys(auxAddresses).length > 0 ? { AuxiliaryAddresses: auxAddresses } : {}),
  }
}

type Member = Pick<EndpointRecord, 'containerName' | 'id' | 'mac' | 'ipv4' | 'ipv6'>

function memberView({ containerName, id, mac, ipv4, ipv6 }: Member): NetworkMember {
  return { Name: containerName, EndpointID: id, MacAddress: mac, IPv4Address: ipv4 ?? '', IPv6Address: ipv6 ?? '' }
}
