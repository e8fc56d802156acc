import { EngineError, isErrno } from '../../base/errors.ts'
import { bringUpLoopback, createNamedNamespace, openNamedNamespace } from '../../kernel/named-namespace.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { findLink } from '../../kernel/netlink/links.ts'
import { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import { listRoutes, replaceRoute } from '../../kernel/netlink/routes.ts'
import { readSysctl, writeSysctl } from '../../kernel/sysctl.ts'
import type { OpenSandbox } from '../driver.ts'
import type { Candidate, Gateways } from '../endpoints/gateways.ts'
import type { Family } from '../ipam/prefix.ts'

/** What a container may do in a namespace of its own. @source docker-behaviour, "Default sysctls for private netns" */
const defaultSysctls: Readonly<Record<string, string>> = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
  // Interfaces have IPv6 when their network has it, and only then; the loopback interface always does.
  'net.ipv6.conf.default.disable_ipv6': '1',
}

const mainTable = 254

/** A container's namespace, open until it is disposed of; the namespace itself goes on. */
export interface SandboxHandle extends OpenSandbox, Disposable {}

/** Makes a container's namespace: loopback up, sysctls written. When it fails, the path may be there: remove it. */
export function createSandboxNamespace(path: string, sysctls: Readonly<Record<string, string>>): SandboxHandle {
  using undo = new DisposableStack()
  const handle = undo.use(handleOf(createNamedNamespace(path), path))
  bringUpLoopback(handle.netlink)
  for (const [name, value] of Object.entries(defaultSysctls)) {
    // A kernel without IPv6 has nothing to switch off.
    if (!(name in sysctls)) writeIfThere(handle.namespace, name, value)
  }
  writeSysctls(handle.namespace, sysctls, (name) => !isOfInterface(name))
  undo.move()
  return handle
}

/** The settings that name one interface: written when there is one. */
export function writeInterfaceSysctls(namespace: NetworkNamespace, sysctls: Readonly<Record<string, string>>): void {
  writeSysctls(namespace, sysctls, isOfInterface)
}

/** Opens a namespace that is there. @throws {Error} with code `ENOENT` */
export function openSandboxNamespace(path: string): SandboxHandle {
  return handleOf(openNamedNamespace(path), path)
}

/** True unless IPv6 is switched off in all of the namespace, or the kernel has none. */
export function hasIPv6({ namespace }: OpenSandbox): boolean {
  return readSysctl(namespace, 'net.ipv6.conf.lo.disable_ipv6') === '0'
}

/** Makes the elected endpoints the ways out of the container. A route by an interface that is gone has gone with it. */
export function ensureDefaultRoutes(sandbox: OpenSandbox, gateways: Gateways): void {
  for (const way of waysOut(gateways)) setDefaultRoute(sandbox, way)
}

/**
 * Like `ensureDefaultRoutes`, in a container that has lived with its routes: what it chose for itself stays.
 *
 * @param ours gateways of all its networks: a route by one of them is of our making
 */
export function repairDefaultRoutes(sandbox: OpenSandbox, gateways: Gateways, ours: ReadonlySet<string>): void {
  const present = listRoutes(sandbox.netlink, { table: mainTable }).filter(({ to }) => to === 'default')
  for (const way of waysOut(gateways)) {
    const others = present.filter(({ family, via }) => family === way.family && via !== way.via)
    if (others.every(({ via }) => via !== undefined && ours.has(via))) setDefaultRoute(sandbox, way)
  }
}

/** One default route; without `via` it leads to the link of the interface itself. */
interface DefaultRoute {
  readonly family: Family
  readonly via?: string
  readonly name: string
}

function waysOut({ ipv4, ipv6 }: Gateways): DefaultRoute[] {
  const way = (family: Family, candidate: Candidate | undefined, via: string | undefined): DefaultRoute[] =>
    candidate === undefined
      ? []
      : [{ family, name: candidate.endpoint.interfaceName, ...(via !== undefined && { via }) }]
  return [...way('ipv4', ipv4, ipv4?.endpoint.gateway), ...way('ipv6', ipv6, ipv6?.endpoint.gateway6)]
}

function setDefaultRoute({ netlink }: OpenSandbox, { family, via, name }: DefaultRoute): void {
  const index = findLink(netlink, name)?.index
  if (index !== undefined) replaceRoute(netlink, { to: 'default', family, index, ...(via !== undefined && { via }) })
}

function handleOf(namespace: NetworkNamespace, path: string): SandboxHandle {
  using stack = new DisposableStack()
  stack.use(namespace)
  const netlink = stack.use(new NetlinkSocket(namespace))
  const owned = stack.move()
  return { namespace, netlink, path, [Symbol.dispose]: () => owned.dispose() }
}

function isOfInterface(name: string): boolean {
  return /^net[./][^./]+[./](conf|neigh)[./](?!all[./]|default[./])/.test(name)
}

function writeSysctls(
  namespace: NetworkNamespace,
  sysctls: Readonly<Record<string, string>>,
  takes: (name: string) => boolean,
): void {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!takes(name)) continue
    try {
      writeSysctl(namespace, name, value)
    } catch (cause) {
      throw new EngineError(
        'invalid-argument',
        `Cannot set sysctl "${name}" to "${value}": ${(cause as Error).message}`,
        {
          cause,
        },
      )
    }
  }
}

function writeIfThere(namespace: NetworkNamespace, name: string, value: string): void {
  try {
    writeSysctl(namespace, name, value)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
