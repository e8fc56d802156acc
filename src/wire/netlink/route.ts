import { struct, u8, u16, u32 } from './layout.ts'
import { attr, ip, message, nested, raw } from './message.ts'

export const RTM_NEWROUTE = 24
export const RTM_DELROUTE = 25
export const RTM_GETROUTE = 26

export const RT_TABLE_MAIN = 254
/** Set in a route that the kernel made for the look-up of one address. */
export const RTM_F_CLONED = 0x200
/** The gateway is on this link, whatever the routes say. */
export const RTNH_F_ONLINK = 4

/** @source include/uapi/linux/rtnetlink.h (`enum rt_scope_t`) */
export const routeScopes = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const
/** @source include/uapi/linux/rtnetlink.h (`RTN_*`) */
export const routeTypes = {
  unspecified: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const
/** Who made a route. @source include/uapi/linux/rtnetlink.h (`RTPROT_*`) */
export const routeProtocols = {
  unspecified: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  ra: 9,
  dhcp: 16,
  /** Ours: a number that rt_protos gives to nobody. */
  wharf: 87,
} as const
/** `RT_TABLE_MAIN` */
export const mainTable = 254

/** @source include/uapi/linux/rtnetlink.h (`struct rtmsg`, `RTA_*`) */
export const routeMessage = message(
  struct({
    family: u8,
    toLength: u8,
    fromLength: u8,
    tos: u8,
    table: u8,
    protocol: u8,
    scope: u8,
    type: u8,
    flags: u32,
  }),
  {
    to: attr(1, ip), // RTA_DST: absent for a default route
    from: attr(2, ip), // RTA_SRC
    inputIndex: attr(3, u32), // RTA_IIF
    index: attr(4, u32), // RTA_OIF
    via: attr(5, ip), // RTA_GATEWAY
    metric: attr(6, u32), // RTA_PRIORITY: the lower wins
    source: attr(7, ip), // RTA_PREFSRC: what to say the packet is from
    metrics: attr(
      8,
      nested({
        // RTA_METRICS
        mtu: attr(2, u32), //   RTAX_MTU
        advertisedMss: attr(8, u32), // RTAX_ADVMSS
      }),
    ),
    multipath: attr(9, raw), // RTA_MULTIPATH: struct rtnexthop, repeated
    cache: attr(12, raw), // RTA_CACHEINFO
    table: attr(15, u32), // RTA_TABLE: when above 255
    mark: attr(16, u32), // RTA_MARK
    viaFamily: attr(18, struct({ family: u16 })), // RTA_VIA: gateway of the other family; only its family is read
    preference: attr(20, u8), // RTA_PREF
  },
)
