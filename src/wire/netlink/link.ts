import { i32, struct, u8, u16, u32 } from './layout.ts'
import { attr, cstring, mac, message, nested, raw } from './message.ts'

export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_SETLINK = 19

export const IFF_UP = 0x1
export const IFF_NOARP = 0x80
export const IFF_PROMISC = 0x100
export const IFF_LOWER_UP = 0x10000
/** Bits of `extendedMask`. */
export const RTEXT_FILTER_SKIP_STATS = 8

/**
 * One network interface, as `RTM_NEWLINK` carries it.
 *
 * @source include/uapi/linux/rtnetlink.h (`struct ifinfomsg`)
 * @source include/uapi/linux/if_link.h (`IFLA_*`)
 */
export const linkMessage = message(struct({ family: u8, type: u16, index: i32, flags: u32, change: u32 }), {
  address: attr(1, mac), // IFLA_ADDRESS: 6 bytes for Ethernet
  name: attr(3, cstring), // IFLA_IFNAME: at most 15 bytes and a NUL
  mtu: attr(4, u32), // IFLA_MTU: bytes
  link: attr(5, u32), // IFLA_LINK: the other end of a veth, the parent of a vlan, macvlan or ipvlan
  master: attr(10, u32), // IFLA_MASTER: index of the bridge, 0 for none
  portInfo: attr(12 | 0x8000, raw), // IFLA_PROTINFO: bridge-port.ts, when the family is AF_BRIDGE
  transmitQueueLength: attr(13, u32), // IFLA_TXQLEN: packets
  operState: attr(16, u8), // IFLA_OPERSTATE: RFC 2863
  info: attr(
    18,
    nested({
      // IFLA_LINKINFO
      kind: attr(1, cstring), //      IFLA_INFO_KIND: "bridge", "veth", "vxlan", …
      data: attr(2, raw), //          IFLA_INFO_DATA: link-kinds.ts
      portKind: attr(4, cstring), //  IFLA_INFO_SLAVE_KIND: "bridge" for a port of one
      portData: attr(5, raw), //      IFLA_INFO_SLAVE_DATA
    }),
  ),
  namespacePid: attr(19, u32), // IFLA_NET_NS_PID
  alias: attr(20, cstring), // IFLA_IFALIAS: a note of at most 255 bytes
  group: attr(27, u32), // IFLA_GROUP: a number that interfaces can be addressed by together
  namespaceFd: attr(28, u32), // IFLA_NET_NS_FD: where to put the interface
  extendedMask: attr(29, u32), // IFLA_EXT_MASK: what a reply is to contain
  promiscuity: attr(30, u32), // IFLA_PROMISCUITY: how many want it promiscuous
  carrier: attr(33, u8), // IFLA_CARRIER
  linkNamespaceId: attr(37, i32), // IFLA_LINK_NETNSID: where `link` is, when not here
  newIndex: attr(49, i32), // IFLA_NEW_IFINDEX: its index in the namespace it moved to
  minimumMtu: attr(50, u32), // IFLA_MIN_MTU
  maximumMtu: attr(51, u32), // IFLA_MAX_MTU
})

/** Values of `operState`, by number. @source include/uapi/linux/if.h (`IF_OPER_*`) */
export const operStates = ['unknown', 'not-present', 'down', 'lower-layer-down', 'testing', 'dormant', 'up'] as const
