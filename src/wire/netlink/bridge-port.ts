import { u8, u16, u32 } from './layout.ts'
import { attr, nested } from './message.ts'

/** A bridge port, as `IFLA_PROTINFO` of family AF_BRIDGE, or `IFLA_INFO_SLAVE_DATA`. @source include/uapi/linux/if_link.h (`IFLA_BRPORT_*`) */
export const bridgePort = nested({
  state: attr(1, u8), // IFLA_BRPORT_STATE: 3 is forwarding
  priority: attr(2, u16), // IFLA_BRPORT_PRIORITY
  cost: attr(3, u32), // IFLA_BRPORT_COST
  hairpin: attr(4, u8), // IFLA_BRPORT_MODE: sends a frame back where it came from
  guard: attr(5, u8), // IFLA_BRPORT_GUARD
  learning: attr(8, u8), // IFLA_BRPORT_LEARNING
  floodUnicast: attr(9, u8), // IFLA_BRPORT_UNICAST_FLOOD
  proxyArp: attr(10, u8), // IFLA_BRPORT_PROXYARP
  floodMulticast: attr(27, u8), // IFLA_BRPORT_MCAST_FLOOD
  floodBroadcast: attr(30, u8), // IFLA_BRPORT_BCAST_FLOOD
  neighbourSuppress: attr(32, u8), // IFLA_BRPORT_NEIGH_SUPPRESS: answers ARP for what it knows
  isolated: attr(33, u8), // IFLA_BRPORT_ISOLATED: reaches only ports that are not isolated
})
