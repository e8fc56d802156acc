import { struct, u8, u16, u32 } from './layout.ts'
import { attr, cstring, ip, message } from './message.ts'

export const RTM_NEWRULE = 32
export const RTM_DELRULE = 33
export const RTM_GETRULE = 34

/** @source include/uapi/linux/fib_rules.h (`FR_ACT_*`) */
export const ruleActions = { lookUp: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const

/** Which routing table serves which packets. @source include/uapi/linux/fib_rules.h (`struct fib_rule_hdr`, `FRA_*`) */
export const ruleMessage = message(
  struct({
    family: u8,
    toLength: u8,
    fromLength: u8,
    tos: u8,
    table: u8,
    reserved1: u8,
    reserved2: u8,
    action: u8,
    flags: u32,
  }),
  {
    to: attr(1, ip), // FRA_DST
    from: attr(2, ip), // FRA_SRC
    inputName: attr(3, cstring), // FRA_IIFNAME
    goto: attr(4, u32), // FRA_GOTO
    priority: attr(6, u32), // FRA_PRIORITY: the lower is asked first
    mark: attr(10, u32), // FRA_FWMARK
    suppressPrefixLength: attr(14, u32), // FRA_SUPPRESS_PREFIXLEN
    table: attr(15, u32), // FRA_TABLE
    markMask: attr(16, u32), // FRA_FWMASK
    outputName: attr(17, cstring), // FRA_OIFNAME
    masterDevice: attr(19, u8), // FRA_L3MDEV
    users: attr(20, struct({ first: u32, last: u32 })), // FRA_UID_RANGE
    protocol: attr(21, u8), // FRA_PROTOCOL: who made it
    ipProtocol: attr(22, u8), // FRA_IP_PROTO
    sourcePorts: attr(23, struct({ first: u16, last: u16 })), // FRA_SPORT_RANGE
    destinationPorts: attr(24, struct({ first: u16, last: u16 })), // FRA_DPORT_RANGE
  },
)
