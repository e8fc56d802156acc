import { u8, u16be, u32, u32be } from './layout.ts'
import { attr, ip, message, NLA_F_NESTED, nested } from './message.ts'
import { netfilterHeader, subsystems } from './netfilter.ts'

export const CTNL_GET = (subsystems.conntrack << 8) | 1
export const CTNL_DELETE = (subsystems.conntrack << 8) | 2

/** One direction of a flow. */
const tuple = nested({
  // CTA_TUPLE_IP
  ip: attr(
    1 | NLA_F_NESTED,
    nested({
      source: attr(1, ip), // CTA_IP_V4_SRC
      destination: attr(2, ip), // CTA_IP_V4_DST
      source6: attr(3, ip), // CTA_IP_V6_SRC
      destination6: attr(4, ip), // CTA_IP_V6_DST
    }),
  ),
  // CTA_TUPLE_PROTO
  protocol: attr(
    2 | NLA_F_NESTED,
    nested({
      number: attr(1, u8), // CTA_PROTO_NUM: IPPROTO_*
      sourcePort: attr(2, u16be), // CTA_PROTO_SRC_PORT
      destinationPort: attr(3, u16be), // CTA_PROTO_DST_PORT
      icmpId: attr(4, u16be), // CTA_PROTO_ICMP_ID
      icmpType: attr(5, u8), // CTA_PROTO_ICMP_TYPE
      icmpCode: attr(6, u8), // CTA_PROTO_ICMP_CODE
      icmp6Id: attr(7, u16be), // CTA_PROTO_ICMPV6_ID
      icmp6Type: attr(8, u8), // CTA_PROTO_ICMPV6_TYPE
      icmp6Code: attr(9, u8), // CTA_PROTO_ICMPV6_CODE
    }),
  ),
  zone: attr(3, u16be), // CTA_TUPLE_ZONE
})

/** One tracked flow. @source include/uapi/linux/netfilter/nfnetlink_conntrack.h */
export const conntrackMessage = message(netfilterHeader, {
  original: attr(1 | NLA_F_NESTED, tuple), // CTA_TUPLE_ORIG: as the first packet came in
  reply: attr(2 | NLA_F_NESTED, tuple), // CTA_TUPLE_REPLY: what an answer looks like
  status: attr(3, u32be), // CTA_STATUS: IPS_*
  timeout: attr(7, u32be), // CTA_TIMEOUT: s
  mark: attr(8, u32be), // CTA_MARK
  id: attr(12, u32be), // CTA_ID
  zone: attr(18, u16be), // CTA_ZONE
  // CTA_FILTER: which parts of the tuples a dump is to compare, since Linux 5.8
  filter: attr(25 | NLA_F_NESTED, nested({ original: attr(1, u32), reply: attr(2, u32) })),
})

/** Bits of a filter. @source net/netfilter/nf_conntrack_netlink.c (`CTA_FILTER_F_*`) */
export const filterBits = {
  source: 1 << 0,
  destination: 1 << 1,
  zone: 1 << 2,
  protocol: 1 << 3,
  sourcePort: 1 << 4,
  destinationPort: 1 << 5,
} as const

/** @source include/uapi/linux/in.h (`IPPROTO_*`) */
export const ipProtocols = { icmp: 1, tcp: 6, udp: 17, dccp: 33, icmp6: 58, sctp: 132, udplite: 136 } as const
