import { EngineError, isErrno } from '../base/errors.ts'
import { findLink } from '../kernel/links.ts'
import { bringUpLoopback, createNamedNamespace, openNamedNamespace } from '../kernel/named-namespace.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NetlinkSocket } from '../kernel/netlink-socket.ts'
import { replaceRoute } from '../kernel/routes.ts'
import { readSysctl, writeSysctl } from '../kernel/sysctl.ts'
import type { OpenSandbox } from './driver.ts'
import type { Gateways } from './gateways.ts'

/** What a container may do in a namespace of its own. @source docker-behaviour, "Default sysctls for private netns" */
const defaultSysctls: Readonly<Record<string, string>> = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
  // Interfaces have IPv6 when their network has it, and only then; the loopback interface always does.
  'net.ipv6.conf.default.disable_ipv6': '1',
}

/** A container's namespace, open until it is disposed of; the namespace itself goes on. */
export interface SandboxHandle extends OpenSandbox, Disposable {}

/** Makes a container's namespace: loopback up, sysctls written. Nothing is left of it when it fails. */
export function createSandboxNamespace(path: string, sysctls: Readonly<Record<string, string>>): SandboxHandle {
  const handle = handleOf(createNamedNamespace(path))
  bringUpLoopback(handle.netlink)
  for (const [name, value] of Object.entries(defaultSysctls)) {
    // A kernel without IPv6 has nothing to switch off.
    if (!(name in sysctls)) writeIfThere(handle.namespace, name, value)
  }
  writeSysctls(handle.namespace, sysctls, (name) => !isOfInterface(name))
  return handle
}

/** The settings that name one interface: written when there is one. */
export function writeInterfaceSysctls(namespace: NetworkNamespace, sysctls: Readonly<Record<string, string>>): void {
  writeSysctls(namespace, sysctls, isOfInterface)
}

/** Opens a namespace that is there. @throws {Error} with code `ENOENT` */
export function openSandboxNamespace(path: string): SandboxHandle {
  return handleOf(openNamedNamespace(path))
}

/** True unless IPv6 is switched off in all of the namespace, or the kernel has none. */
export function hasIPv6({ namespace }: OpenSandbox): boolean {
  return readSysctl(namespace, 'net.ipv6.conf.lo.disable_ipv6') === '0'
}

/** Makes the elected endpoints the ways out of the container. A route by an interface that is gone has gone with it. */
export function ensureDefaultRoutes({ netlink }: OpenSandbox, { ipv4, ipv6 }: Gateways): void {
  const wanted = [
    { via: ipv4?.endpoint.gateway, name: ipv4?.endpoint.interfaceName },
    { via: ipv6?.endpoint.gateway6, name: ipv6?.endpoint.interfaceName },
  ]
  for (const { via, name } of wanted) {
    const index = name === undefined ? undefined : findLink(netlink, name)?.index
    if (via !== undefined && index !== undefined) replaceRoute(netlink, { to: 'default', via, index })
  }
}

function handleOf(namespace: NetworkNamespace): SandboxHandle {
  const netlink = new NetlinkSocket(namespace)
  return {
    namespace,
    netlink,
    [Symbol.dispose]() {
      netlink[Symbol.dispose]()
      namespace[Symbol.dispose]()
    },
  }
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
