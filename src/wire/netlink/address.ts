import { struct, u8, u32 } from './layout.ts'
import { attr, cstring, ip, message } from './message.ts'

export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22

/** Skip duplicate address detection: the address may be used at once. */
export const IFA_F_NODAD = 0x02
/** The address may not be used yet: duplicate address detection is under way. */
export const IFA_F_TENTATIVE = 0x40
export const IFA_F_PERMANENT = 0x80

/** @source include/uapi/linux/if_addr.h (`struct ifaddrmsg`, `IFA_*`, `struct ifa_cacheinfo`) */
export const addressMessage = message(struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 }), {
  address: attr(1, ip), // IFA_ADDRESS: the peer on point-to-point links
  local: attr(2, ip), // IFA_LOCAL: IPv4 only
  label: attr(3, cstring),
  broadcast: attr(4, ip), // IFA_BROADCAST: IPv4 only
  cache: attr(6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })), // IFA_CACHEINFO: seconds, seconds, 1/100 s, 1/100 s
  flags: attr(8, u32), // IFA_FLAGS: the header's flags and those above 8 bits
  protocol: attr(11, u8), // IFA_PROTO: who made it
})
