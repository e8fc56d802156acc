import { KernelError } from '../../base/errors.ts'
import { netfilterFamilies, netfilterHeader, subsystems } from '../../wire/netlink/netfilter.ts'
import { decodeNftablesNotice } from '../../wire/netlink/nftables.ts'
import type { NetworkNamespace } from '../namespace.ts'
import { NETLINK_NETFILTER, NetlinkSocket } from './netlink-socket.ts'

const NFT_MSG_NEWGEN = 15
const NFT_MSG_GETGEN = 16

/**
 * The number by which notices of nftables call this process. In a pid namespace it is not `process.pid`.
 *
 * @throws {KernelError} when the kernel has no nftables
 * @source include/uapi/linux/netfilter/nf_tables.h (`NFTA_GEN_PROC_PID`)
 */
export function nftablesProcessId(namespace: NetworkNamespace): number {
  using netlink = new NetlinkSocket(namespace, NETLINK_NETFILTER)
  const header = new Uint8Array(netfilterHeader.size)
  netfilterHeader.write(new DataView(header.buffer), 0, { family: netfilterFamilies.unspec, version: 0, resource: 0 })
  const action = 'read generation of nftables'
  const [reply] = netlink.request(action, (subsystems.nftables << 8) | NFT_MSG_GETGEN, 0, header)
  const notice = reply && decodeNftablesNotice((subsystems.nftables << 8) | NFT_MSG_NEWGEN, reply)
  if (notice?.object !== 'generation') throw new KernelError(action, 'EPROTO')
  return notice.processId
}
