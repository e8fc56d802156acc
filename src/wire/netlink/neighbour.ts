import { i32, struct, u8, u16, u16be, u32 } from './layout.ts'
import { attr, ip, mac, message } from './message.ts'

export const RTM_NEWNEIGH = 28
export const RTM_DELNEIGH = 29
export const RTM_GETNEIGH = 30

/** How sure the kernel is. @source include/uapi/linux/neighbour.h (`NUD_*`) */
export const neighbourStates = {
  none: 0,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  'no-arp': 0x40,
  permanent: 0x80,
} as const

/** @source include/uapi/linux/neighbour.h (`NTF_*`) */
export const neighbourFlags = {
  /** The FDB entry of the device itself (vxlan). */
  self: 0x02,
  /** The FDB entry of the bridge that the device is a port of. */
  master: 0x04,
  proxy: 0x08,
  externallyLearned: 0x10,
  offloaded: 0x20,
  sticky: 0x40,
  router: 0x80,
} as const

/** A neighbour (ARP, NDP), or with family AF_BRIDGE an FDB entry. @source include/uapi/linux/neighbour.h (`struct ndmsg`, `NDA_*`) */
export const neighbourMessage = message(
  struct({ family: u8, pad: u8, pad2: u16, index: i32, state: u16, flags: u8, type: u8 }),
  {
    address: attr(1, ip), // NDA_DST: of the neighbour; for vxlan FDB entries, of the remote end
    mac: attr(2, mac), // NDA_LLADDR
    cache: attr(3, struct({ confirmed: u32, used: u32, updated: u32, references: u32 })), // NDA_CACHEINFO: 1/100 s
    vlan: attr(5, u16), // NDA_VLAN
    port: attr(6, u16be), // NDA_PORT: UDP port of the remote end
    vni: attr(7, u32), // NDA_VNI
    underlay: attr(8, u32), // NDA_IFINDEX: interface towards the remote end
    master: attr(9, u32), // NDA_MASTER
    linkNamespaceId: attr(10, i32), // NDA_LINK_NETNSID
    sourceVni: attr(11, u32), // NDA_SRC_VNI
    protocol: attr(12, u8), // NDA_PROTOCOL: who made it
  },
)
