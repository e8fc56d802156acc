import { isIP } from 'node:net'
import { bareAddress } from '../ipam/prefix.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'
import { defaultNetwork } from '../networks/predefined-names.ts'

/** What one `--link` of an endpoint has found. */
export interface FoundLink {
  readonly alias: string
  readonly target: EndpointRecord
}

/** The containers that an endpoint's links name, as far as they are on its network now. Pure. */
export function foundLinks(neighbours: readonly EndpointRecord[], own: EndpointRecord): readonly FoundLink[] {
  // Itself too, which is recorded only when all has been planned.
  const all = [...neighbours, own]
  return own.links.flatMap((link) => {
    const [name = '', alias = name] = link.replace(/^\//, '').split(':')
    const target = all.find((one) => one.containerName === name || (name !== '' && one.containerId.startsWith(name)))
    return target === undefined ? [] : [{ alias: alias.split('/').at(-1)!, target }]
  })
}

/**
 * What a container is told of the names that it has for others, from its networks in their order: an address of each
 * family, of the first network that has one. Pure.
 */
export function linkAnswers(networks: readonly (readonly FoundLink[])[]): Record<string, readonly string[]> {
  const answers: Record<string, readonly string[]> = {}
  for (const found of networks) {
    // Of two on one network that are to be called the same, the last.
    for (const { alias, target } of new Map(found.map((link) => [link.alias, link])).values()) {
      const known = answers[alias] ?? []
      const families = new Set(known.map(isIP))
      answers[alias] = [...known, ...addressesOf(target).filter((address) => !families.has(isIP(address)))]
    }
  }
  return answers
}

/** An endpoint's links on the default network, where links are lines and holes; elsewhere they are names only. */
export function legacyLinks(
  table: Pick<NetworkTable, 'network' | 'endpointsOfNetwork'>,
  endpoint: EndpointRecord,
): readonly FoundLink[] {
  const { networkId, links } = endpoint
  if (links.length === 0 || table.network(networkId)?.name !== defaultNetwork) return []
  return foundLinks(table.endpointsOfNetwork(networkId), endpoint)
}

/**
 * The lines of an endpoint's links in /etc/hosts: alias, hostname and name of each container.
 *
 * On the default network there is nobody to ask for names.
 */
export function linkLines(
  table: Pick<NetworkTable, 'network' | 'endpointsOfNetwork' | 'sandbox'>,
  endpoint: EndpointRecord,
): string[] {
  return legacyLinks(table, endpoint).flatMap(({ alias, target }) => {
    const hostname = table.sandbox(target.containerId)?.wish.hostname ?? ''
    const names = [...new Set([alias, hostname, target.containerName])].filter((name) => name !== '')
    return addressesOf(target).map((address) => `${address}\t${names.join(' ')}`)
  })
}

/** Without lengths, IPv4 first. */
export function addressesOf({ ipv4, ipv6 }: Pick<EndpointRecord, 'ipv4' | 'ipv6'>): string[] {
  return [ipv4, ipv6].filter((cidr) => cidr !== undefined).map(bareAddress)
}
