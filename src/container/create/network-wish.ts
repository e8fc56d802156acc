import type { AttachmentWish, SandboxMode, SandboxWish } from '../../network/networking.ts'
import type { EndpointSettings } from '../../protocol/container.ts'
import type { ContainerRecord } from '../model.ts'
import { hostnameOf } from './hostname.ts'
import { exposedPorts, portWishes } from './port-wishes.ts'

const joinPrefix = 'container:'

/** The id after `container:` in a network mode; undefined for every other mode. */
export function joinedContainer(networkMode: string | undefined): string | undefined {
  return networkMode?.startsWith(joinPrefix) ? networkMode.slice(joinPrefix.length) : undefined
}

/** The record of a container that shares the network of another, called by its id. */
export function withDonor(record: ContainerRecord, { id }: Pick<ContainerRecord, 'id'>): ContainerRecord {
  return { ...record, hostConfig: { ...record.hostConfig, NetworkMode: joinPrefix + id } }
}

/** What a container's start asks of the network: pure translation of its record. */
export function sandboxWish(record: ContainerRecord, filesDir: string): SandboxWish {
  const { config, hostConfig } = record
  return {
    containerId: record.id,
    containerName: record.name,
    hostname: hostnameOf(record),
    domainname: config.Domainname ?? '',
    mode: sandboxMode(record),
    ports: portWishes(config, hostConfig),
    exposed: exposedPorts(config),
    dns: {
      servers: hostConfig.Dns ?? [],
      search: hostConfig.DnsSearch ?? [],
      options: hostConfig.DnsOptions ?? [],
    },
    extraHosts: hostConfig.ExtraHosts ?? [],
    sysctls: Object.fromEntries(Object.entries(hostConfig.Sysctls ?? {}).filter(([key]) => key.startsWith('net.'))),
    filesDir,
  }
}

/** What a container wants of one network, from Docker's settings. */
export function attachmentWish(network: string, settings: EndpointSettings): AttachmentWish {
  const { IPAMConfig: ipam, MacAddress: mac } = settings
  return {
    network,
    aliases: settings.Aliases ?? [],
    links: settings.Links ?? [],
    driverOptions: settings.DriverOpts ?? {},
    gatewayPriority: settings.GwPriority ?? 0,
    ...(ipam?.IPv4Address ? { ipv4: ipam.IPv4Address } : {}),
    ...(ipam?.IPv6Address ? { ipv6: ipam.IPv6Address } : {}),
    ...(ipam?.LinkLocalIPs?.length ? { linkLocal: ipam.LinkLocalIPs } : {}),
    ...(mac ? { mac } : {}),
  }
}

function sandboxMode({ hostConfig, networks }: ContainerRecord): SandboxMode {
  const mode = hostConfig.NetworkMode ?? ''
  if (mode === 'host') return { kind: 'host' }
  const donor = joinedContainer(mode)
  if (donor !== undefined) return { kind: 'join', containerId: donor }
  const attachments = Object.entries(networks).map(([name, settings], i) => {
    // Links without a network are those of the network mode, which comes first.
    const links = settings.Links ?? (i === 0 ? hostConfig.Links : undefined) ?? []
    return attachmentWish(name, { ...settings, Links: links })
  })
  return { kind: 'own', attachments }
}
