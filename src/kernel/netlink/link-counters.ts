import { NLM_F_DUMP } from '../../wire/netlink/frame.ts'
import { linkStatsMessage, RTM_GETSTATS, STATS_FILTER_LINK_64 } from '../../wire/netlink/link-stats.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** What one interface has carried since it was made. */
export interface LinkCounters {
  readonly receivedBytes: number
  readonly receivedPackets: number
  readonly receiveErrors: number
  readonly receiveDropped: number
  readonly sentBytes: number
  readonly sentPackets: number
  readonly sendErrors: number
  readonly sendDropped: number
}

const question = linkStatsMessage.encode({
  family: 0,
  pad1: 0,
  pad2: 0,
  index: 0,
  filterMask: STATS_FILTER_LINK_64,
})

/**
 * The counters of all interfaces of a namespace, by index. It costs less than half of a list of the interfaces with theirs.
 *
 * @throws {KernelError} `EOPNOTSUPP` before Linux 4.7
 */
export function readLinkCounters(netlink: NetlinkSocket): ReadonlyMap<number, LinkCounters> {
  const replies = netlink.request('read counters of links', RTM_GETSTATS, NLM_F_DUMP, question)
  return new Map(
    replies.flatMap((reply) => {
      const { header, attributes } = linkStatsMessage.decode(reply)
      return attributes.counters === undefined ? [] : [[header.index, attributes.counters] as const]
    }),
  )
}
