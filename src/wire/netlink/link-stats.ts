import { counter64, struct, u8, u16, u32 } from './layout.ts'
import { attr, message } from './message.ts'

export const RTM_NEWSTATS = 92
export const RTM_GETSTATS = 94

/** Bit of `filterMask`: answer `counters`. @source include/uapi/linux/if_link.h (`IFLA_STATS_FILTER_BIT`) */
export const STATS_FILTER_LINK_64 = 1

/** The beginning of `struct rtnl_link_stats64`; newer kernels add to its end. */
const linkCounters = struct({
  receivedPackets: counter64,
  sentPackets: counter64,
  receivedBytes: counter64,
  sentBytes: counter64,
  receiveErrors: counter64,
  sendErrors: counter64,
  receiveDropped: counter64,
  sendDropped: counter64,
})

/**
 * What one network interface has carried, as `RTM_NEWSTATS` tells it.
 *
 * @source include/uapi/linux/if_link.h (`struct if_stats_msg`, `IFLA_STATS_*`)
 */
export const linkStatsMessage = message(struct({ family: u8, pad1: u8, pad2: u16, index: u32, filterMask: u32 }), {
  counters: attr(1, linkCounters), // IFLA_STATS_LINK_64
})
