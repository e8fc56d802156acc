import { i32, struct, u8, u16, u32 } from './layout.ts'
import { attr, cstring, message, nested, raw } from './message.ts'

/**
 * One network interface, as `RTM_NEWLINK` carries it.
 *
 * @source include/uapi/linux/rtnetlink.h (`struct ifinfomsg`)
 * @source include/uapi/linux/if_link.h (`IFLA_*`)
 */
export const linkMessage = message(struct({ family: u8, type: u16, index: i32, flags: u32, change: u32 }), {
  address: attr(1, raw), // IFLA_ADDRESS: 6 bytes for Ethernet
  name: attr(3, cstring), // IFLA_IFNAME: at most 15 bytes and a NUL
  mtu: attr(4, u32), // IFLA_MTU: bytes
  master: attr(10, u32), // IFLA_MASTER: index of the bridge, 0 for none
  info: attr(
    18,
    nested({
      // IFLA_LINKINFO
      kind: attr(1, cstring), //   IFLA_INFO_KIND: "bridge", "veth", "vxlan", …
    }),
  ),
})
