import { i32, struct, u8, u32 } from './layout.ts'
import { attr, message } from './message.ts'

export const RTM_NEWNSID = 88
export const RTM_GETNSID = 90

/** The number that one namespace knows another by; -1 for none yet. @source include/uapi/linux/net_namespace.h (`NETNSA_*`) */
export const namespaceIdMessage = message(struct({ family: u8 }), {
  id: attr(1, i32), // NETNSA_NSID
  pid: attr(2, u32), // NETNSA_PID
  fd: attr(3, u32), // NETNSA_FD
})
