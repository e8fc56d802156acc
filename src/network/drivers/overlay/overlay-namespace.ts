import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'
import { isMountPoint } from '../../../kernel/mounts.ts'
import { createNamedNamespace, openNamedNamespace, removeNamedNamespace } from '../../../kernel/named-namespace.ts'
import type { NetworkNamespace } from '../../../kernel/namespace.ts'
import { deleteLinkAsync, listLinks } from '../../../kernel/netlink/links.ts'
import { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import { ensureSysctl } from '../../../kernel/sysctl.ts'

/** The bridge of a network, in the network's own namespace. */
export const bridgeName = 'br0'

/** Between subnets the gateway forwards, and need not tell anybody of a shorter way: there is none. */
const sysctls: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.disable_ipv6': '1',
}

/** A network's own namespace, open until it is disposed of. */
export interface OpenOverlay extends Disposable {
  readonly namespace: NetworkNamespace
  readonly netlink: NetlinkSocket
}

/** Where the namespaces of overlay networks are. */
export function namespacesDir(execRoot: string): string {
  return join(execRoot, 'overlay')
}

/** Where a network's namespace is mounted. */
export function namespacePath(execRoot: string, networkId: string): string {
  return join(namespacesDir(execRoot), shortId(networkId))
}

/** Opens a network's namespace, which is made when it is missing. @param changes says so */
export function ensureOverlayNamespace(path: string, changes: string[]): OpenOverlay {
  using undo = new DisposableStack()
  const open = undo.use(openOverlay(path) ?? create(path, changes))
  for (const [name, value] of Object.entries(sysctls)) ensureIfThere(open.namespace, name, value)
  undo.move()
  return open
}

function create(path: string, changes: string[]): OpenOverlay {
  rmSync(path, { force: true }) // somebody died before anything was mounted on it
  const open = handleOf(createNamedNamespace(path))
  changes.push(`created namespace ${path}`)
  return open
}

/** Opens a network's namespace; undefined when there is none. */
export function openOverlay(path: string): OpenOverlay | undefined {
  return isMountPoint(path) ? handleOf(openNamedNamespace(path)) : undefined
}

/** Takes a network's namespace away with all that is in it; absent is success. Its VNIs are free when this returns, and its cables out. */
export async function removeOverlay(path: string): Promise<void> {
  const open = openOverlay(path)
  if (open !== undefined) {
    using _ = open
    // They would end with the namespace, but only when the kernel gets round to it.
    const links = listLinks(open.netlink).filter(({ kind }) => kind === 'vxlan' || kind === 'veth')
    await Promise.all(links.map(({ index }) => deleteLinkAsync(open.netlink, index)))
  }
  removeNamedNamespace(path)
}

/** The paths of all namespaces of networks, whoever wants them. */
export function listNamespaces(execRoot: string): string[] {
  const dir = namespacesDir(execRoot)
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : []
}

function handleOf(namespace: NetworkNamespace): OpenOverlay {
  using stack = new DisposableStack()
  stack.use(namespace)
  const netlink = stack.use(new NetlinkSocket(namespace))
  const owned = stack.move()
  return { namespace, netlink, [Symbol.dispose]: () => owned.dispose() }
}

/** A kernel without IPv6 has nothing to switch off. */
function ensureIfThere(namespace: NetworkNamespace, name: string, value: string): void {
  try {
    ensureSysctl(namespace, name, value)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
