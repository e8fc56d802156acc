import { struct, u8, u16be } from './layout.ts'

/** Subsystems of the netfilter family; the upper byte of a message's type. @source include/uapi/linux/netfilter/nfnetlink.h */
export const subsystems = { conntrack: 1, nftables: 10 } as const

/** `struct nfgenmsg` */
export const netfilterHeader = struct({ family: u8, version: u8, resource: u16be })

/** Netfilter's numbers of address families. @source include/uapi/linux/netfilter.h (`NFPROTO_*`) */
export const netfilterFamilies = { unspec: 0, inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const
