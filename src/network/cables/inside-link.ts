import { ensureAddress } from '../../kernel/netlink/addresses.ts'
import { type LinkInfo, setLink } from '../../kernel/netlink/links.ts'
import { writeSysctl } from '../../kernel/sysctl.ts'
import type { EndpointSpec, OpenSandbox } from '../driver.ts'
import { writeEndpointSysctls } from '../endpoints/endpoint-options.ts'

/**
 * A container's end of an endpoint: addresses, settings, up. Makes only what is missing.
 *
 * @param isNew what is done to it is no news
 * @returns what had to be done, in words
 */
export function ensureInside(
  inside: LinkInfo,
  { interfaceName, addresses, driverOptions }: EndpointSpec,
  { namespace, netlink }: OpenSandbox,
  isNew: boolean,
): string[] {
  const changes: string[] = []
  for (const cidr of addresses) {
    const [address = '', length] = cidr.split('/')
    if (address.includes(':')) writeSysctl(namespace, `net/ipv6/conf/${interfaceName}/disable_ipv6`, '0')
    const added = ensureAddress(netlink, inside.index, { address, prefixLength: Number(length), noDad: true })
    if (added && !isNew) changes.push(`added ${cidr} to ${interfaceName}`)
  }
  if (isNew) writeEndpointSysctls(namespace, driverOptions, interfaceName)
  if (!inside.up) setLink(netlink, inside.index, { up: true })
  return changes
}
