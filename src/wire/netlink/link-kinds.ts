import { struct, u8, u16, u16be, u32 } from './layout.ts'
import { linkMessage } from './link.ts'
import { attr, ip, mac, nested, type Payload } from './message.ts'

/** The peer of a veth is a whole link message of its own. */
const peer: Payload<ReturnType<typeof linkMessage.decode>> = {
  encode: ({ header, attributes }) => linkMessage.encode(header, attributes),
  decode: linkMessage.decode,
}

/**
 * What `IFLA_INFO_DATA` holds, by kind of link.
 *
 * @source include/uapi/linux/if_link.h, include/uapi/linux/veth.h
 */
export const linkKinds = {
  bridge: nested({
    forwardDelay: attr(1, u32), // IFLA_BR_FORWARD_DELAY: 1/100 s
    ageingTime: attr(4, u32), // IFLA_BR_AGEING_TIME: 1/100 s
    spanningTree: attr(5, u32), // IFLA_BR_STP_STATE: 0 or 1
    vlanFiltering: attr(7, u8), // IFLA_BR_VLAN_FILTERING
    groupForwardMask: attr(9, u16), // IFLA_BR_GROUP_FWD_MASK
    multicastSnooping: attr(23, u8), // IFLA_BR_MCAST_SNOOPING
    callIptables: attr(36, u8), // IFLA_BR_NF_CALL_IPTABLES
    callIp6tables: attr(37, u8), // IFLA_BR_NF_CALL_IP6TABLES
  }),
  veth: nested({
    peer: attr(1, peer), // VETH_INFO_PEER
  }),
  vxlan: nested({
    id: attr(1, u32), // IFLA_VXLAN_ID: VNI, 24 bits
    group: attr(2, ip), // IFLA_VXLAN_GROUP: multicast group, or the default remote
    underlay: attr(3, u32), // IFLA_VXLAN_LINK: interface index
    local: attr(4, ip), // IFLA_VXLAN_LOCAL
    ttl: attr(5, u8), // IFLA_VXLAN_TTL
    learning: attr(7, u8), // IFLA_VXLAN_LEARNING
    ageing: attr(8, u32), // IFLA_VXLAN_AGEING: s
    portRange: attr(10, struct({ low: u16be, high: u16be })), // IFLA_VXLAN_PORT_RANGE: source ports
    proxy: attr(11, u8), // IFLA_VXLAN_PROXY: answers ARP itself
    routeShortCircuit: attr(12, u8), // IFLA_VXLAN_RSC
    missL2: attr(13, u8), // IFLA_VXLAN_L2MISS: says so when the FDB has no entry
    missL3: attr(14, u8), // IFLA_VXLAN_L3MISS
    port: attr(15, u16be), // IFLA_VXLAN_PORT: destination port
    group6: attr(16, ip), // IFLA_VXLAN_GROUP6
    local6: attr(17, ip), // IFLA_VXLAN_LOCAL6
    udpChecksum: attr(18, u8), // IFLA_VXLAN_UDP_CSUM
  }),
  macvlan: nested({
    mode: attr(1, u32), // IFLA_MACVLAN_MODE: macvlanModes
    flags: attr(2, u16), // IFLA_MACVLAN_FLAGS: 1 is "nopromisc"
    macMode: attr(3, u32), // IFLA_MACVLAN_MACADDR_MODE
    mac: attr(4, mac), // IFLA_MACVLAN_MACADDR
  }),
  ipvlan: nested({
    mode: attr(1, u16), // IFLA_IPVLAN_MODE: ipvlanModes
    flags: attr(2, u16), // IFLA_IPVLAN_FLAGS: ipvlanFlags
  }),
  vlan: nested({
    id: attr(1, u16), // IFLA_VLAN_ID: 1–4094
    flags: attr(2, struct({ flags: u32, mask: u32 })), // IFLA_VLAN_FLAGS
    protocol: attr(5, u16be), // IFLA_VLAN_PROTOCOL: 0x8100 for 802.1Q
  }),
} as const

/** Kinds whose data has a codec. `dummy` and `ifb` have no data. */
export type LinkDataKind = keyof typeof linkKinds

/** @source include/uapi/linux/if_link.h (`MACVLAN_MODE_*`) */
export const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 } as const
/** @source include/uapi/linux/if_link.h (`IPVLAN_MODE_*`) */
export const ipvlanModes = { l2: 0, l3: 1, l3s: 2 } as const
/** @source include/uapi/linux/if_link.h (`IPVLAN_F_*`) */
export const ipvlanFlags = { bridge: 0, private: 1, vepa: 2 } as const
