import { isErrno } from '../../../base/errors.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { findLink, type LinkInfo, listLinks, setLink } from '../../../kernel/netlink/links.ts'
import { ensureRoute } from '../../../kernel/netlink/routes.ts'
import { writeSysctl } from '../../../kernel/sysctl.ts'
import { endpointMark, vethName } from '../../cables/link-marks.ts'
import type { DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { writeEndpointSysctls } from '../../endpoints/endpoint-options.ts'
import type { EndpointTerms } from '../../terms.ts'

/** The endpoint's interface in the container, whatever its owner calls it now. */
export function findInside({ id }: Pick<EndpointSpec, 'id'>, { netlink }: OpenSandbox): LinkInfo | undefined {
  return listLinks(netlink).find(({ alias }) => alias === endpointMark(id))
}

/** True: the plugin's interface lies ready in the host. */
export function isReady({ source }: EndpointTerms, { host }: Pick<DriverContext, 'host'>): boolean {
  return findLink(host, source) !== undefined
}

/** True: moved in, by somebody who may have died before it was set up. */
export function isMovedIn({ interfaceName }: EndpointSpec, { netlink }: OpenSandbox): boolean {
  return findLink(netlink, interfaceName) !== undefined
}

/**
 * Moves the plugin's interface into the container, and sets it up: name, addresses, routes. The mark comes last: an
 * interface without was left by somebody who died over it.
 *
 * @throws {KernelError} `EEXIST` when the container has an interface of that name
 */
export function moveIn(
  terms: EndpointTerms,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  host: DriverContext['host'],
): void {
  const { interfaceName, mac, addresses, driverOptions, id } = endpoint
  const { namespace, netlink } = sandbox
  const outside = findLink(host, terms.source)
  if (outside !== undefined) {
    if (mac !== '' && outside.mac !== mac) setLink(host, outside.index, { up: false, mac })
    setLink(host, outside.index, { namespace, name: interfaceName })
  }
  const index = findLink(netlink, interfaceName)?.index ?? 0
  for (const cidr of addresses) {
    const [address = '', length] = cidr.split('/')
    if (address.includes(':')) writeSysctl(namespace, `net/ipv6/conf/${interfaceName}/disable_ipv6`, '0')
    ensureAddress(netlink, index, { address, prefixLength: Number(length), noDad: true })
  }
  writeEndpointSysctls(namespace, driverOptions, interfaceName)
  setLink(netlink, index, { up: true })
  // Those on the link first: others lead through them.
  for (const route of terms.routes.toSorted((a, b) => Number(a.via !== undefined) - Number(b.via !== undefined))) {
    ensureRoute(netlink, { ...route, index })
  }
  setLink(netlink, index, { alias: endpointMark(id) })
}

/** Gives the interface back to the host, by the name that it had there; whoever made it deletes it. Absent is success. */
export function moveOut(source: string, endpoint: EndpointSpec, sandbox: OpenSandbox, context: DriverContext): void {
  const inside = findInside(endpoint, sandbox) ?? findLink(sandbox.netlink, endpoint.interfaceName)
  if (inside === undefined) return
  const move = (name: string) => setLink(sandbox.netlink, inside.index, { namespace: context.hostNamespace, name })
  setLink(sandbox.netlink, inside.index, { up: false, alias: '' })
  try {
    move(source)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    context.log.warn('gives an interface back by another name: its own is taken', { interface: source })
    move(vethName(endpoint.id))
  }
}
