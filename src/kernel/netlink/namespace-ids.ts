import { namespaceIdMessage, RTM_GETNSID } from '../../wire/netlink/namespace-id.ts'
import type { NetworkNamespace } from '../namespace.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/**
 * By which number the namespace of `netlink` knows another: the `linkNamespaceId` of a link whose other end is there.
 *
 * @returns undefined when no link leads there, and none ever has
 * @source include/uapi/linux/net_namespace.h; ip-netns(8), "list-id"
 */
export function findNamespaceId(netlink: NetlinkSocket, other: NetworkNamespace): number | undefined {
  const question = namespaceIdMessage.encode({ family: 0 }, { fd: other.fd })
  const [reply] = netlink.request('find namespace id', RTM_GETNSID, 0, question)
  const id = reply && namespaceIdMessage.decode(reply).attributes.id
  return id === undefined || id < 0 ? undefined : id
}
