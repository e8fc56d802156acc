import { shortId } from '../../base/id.ts'
import { hostnameOf } from '../../container/create/hostname.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { PluginFacts } from '../../network/endpoints/attach.ts'
import type { EndpointRecord } from '../../network/model.ts'
import type { EndpointSettings } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'

/** What the views need to know of a container's network besides its record. */
export interface NetworkFacts {
  /** Endpoints that exist now: of a container that runs. */
  readonly endpoints: readonly EndpointRecord[]
  /** The id of a network by its name; undefined when it is gone. */
  networkId(name: string): string | undefined
}

/**
 * `NetworkSettings.Networks` of a container: what was asked of each network and, while it runs, what it got.
 *
 * @param version  before API 1.45 the short id and the host name are among the aliases
 */
export function endpointViews(
  record: ContainerRecord,
  { endpoints, networkId }: NetworkFacts,
  version: string,
): Record<string, EndpointSettings> {
  const byNetwork = new Map(endpoints.map((endpoint) => [endpoint.networkName, endpoint]))
  const names = new Set([...Object.keys(record.networks), ...byNetwork.keys()])
  return Object.fromEntries(
    [...names].map((name) => {
      const endpoint = byNetwork.get(name)
      const wish = record.networks[name] ?? {}
      const id = endpoint?.networkId ?? networkId(name) ?? ''
      return [name, { ...wished(record, name, wish, version), NetworkID: id, ...allotted(wish, endpoint) }]
    }),
  )
}

function wished(record: ContainerRecord, network: string, wish: EndpointSettings, version: string): EndpointSettings {
  const isDefault = ['bridge', 'host', 'none'].includes(network)
  const own = wish.Aliases ?? []
  const older = new Set([...own, shortId(record.id), hostnameOf(record)])
  const aliases = isBefore(version, '1.45') && !isDefault ? [...older] : own
  const links = wish.Links ?? (network === 'bridge' ? undefined : record.hostConfig.Links)
  return {
    IPAMConfig: wish.IPAMConfig ?? (isDefault ? null : {}),
    Links: links && links.length > 0 ? links : null,
    Aliases: aliases.length > 0 ? aliases : null,
    DriverOpts: wish.DriverOpts ?? null,
    GwPriority: wish.GwPriority ?? 0,
  }
}

function allotted(wish: EndpointSettings, endpoint: EndpointRecord | undefined): EndpointSettings {
  const [address = '', bits] = splitPrefix(endpoint?.ipv4)
  const [address6 = '', bits6] = splitPrefix(endpoint?.ipv6)
  const names = endpoint?.dnsNames ?? []
  return {
    EndpointID: endpoint?.id ?? '',
    Gateway: endpoint?.gateway ?? '',
    IPAddress: address,
    MacAddress: endpoint?.mac ?? wish.MacAddress ?? '',
    IPPrefixLen: bits,
    IPv6Gateway: endpoint?.gateway6 ?? '',
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: bits6,
    DNSNames: names.length > 0 ? names : null,
    ...(endpoint?.told && toldView(endpoint.told)),
  }
}

function toldView({ routes, nameservers, search, options }: PluginFacts): Pick<EndpointSettings, 'Routes' | 'DNS'> {
  return {
    Routes: routes.map(({ to, via }) => ({ Destination: to, ...(via !== undefined && { Gateway: via }) })),
    DNS: { Nameservers: nameservers, Search: search, Options: options },
  }
}

function splitPrefix(prefix: string | undefined): [address: string | undefined, bits: number] {
  const [address, bits] = prefix?.split('/') ?? []
  return [address, Number(bits ?? 0)]
}
