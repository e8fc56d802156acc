import { struct, u8, u32 } from './layout.ts'
import { attr, cstring, message, raw } from './message.ts'

/** @source include/uapi/linux/if_addr.h (`struct ifaddrmsg`, `IFA_*`, `struct ifa_cacheinfo`) */
export const addressMessage = message(struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 }), {
  address: attr(1, raw), // IFA_ADDRESS: 4 or 16 bytes, network order; the peer on point-to-point links
  local: attr(2, raw), // IFA_LOCAL: IPv4 only
  label: attr(3, cstring),
  cache: attr(6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })), // IFA_CACHEINFO: seconds, seconds, 1/100 s, 1/100 s
})
