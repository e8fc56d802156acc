import { isErrno } from '../../base/errors.ts'
import { bringUpLoopback } from '../../kernel/named-namespace.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import { type DnsSockets, openDnsSockets } from './dns-sockets.ts'
import { resolverAddress } from './redirect.ts'

/**
 * Ports tried in a container, all above what Linux gives to clients. Always the same ones, so that a resolver that
 * takes over finds the rules of its predecessor in place.
 */
const firstPort = 61_053
const lastPort = 61_062

/**
 * Opens a UDP and a TCP socket on one port of 127.0.0.11 in a namespace, whose loopback is up afterwards.
 *
 * @throws {KernelError} `EADDRINUSE` when the container uses all of our ports
 */
export function openSandboxSockets(namespace: NetworkNamespace): DnsSockets {
  // While it is down, the kernel takes any address for a broadcast, and would answer from another one for ever.
  using netlink = new NetlinkSocket(namespace)
  bringUpLoopback(netlink)
  return namespace.run(() => {
    for (let port = firstPort; ; port++)
      try {
        return openDnsSockets(resolverAddress, port)
      } catch (error) {
        if (port === lastPort || !isErrno(error, 'EADDRINUSE')) throw error
      }
  })
}
