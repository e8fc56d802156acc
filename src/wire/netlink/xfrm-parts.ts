import { ipBytes, ipText } from '../ip-address.ts'
import { bytes, i32, struct, u8, u16, u16be, u32, u32be, u64 } from './layout.ts'

export const IPPROTO_ESP = 50
export const AF_INET = 2
export const AF_INET6 = 10

/** `xfrm_address_t`: either family in 16 bytes, IPv4 first. */
const address = bytes(16, 4)

/** `struct xfrm_selector`: which packets. */
export const selector = struct({
  destination: address,
  source: address,
  destinationPort: u16be,
  destinationPortMask: u16be,
  sourcePort: u16be,
  sourcePortMask: u16be,
  family: u16,
  destinationLength: u8,
  sourceLength: u8,
  protocol: u8,
  index: i32,
  user: u32,
})

/** `struct xfrm_id`: one association, by what a packet says of it. */
export const associationId = struct({ destination: address, spi: u32be, protocol: u8 })

/** `struct xfrm_lifetime_cfg` */
export const lifetime = struct({
  softBytes: u64,
  hardBytes: u64,
  softPackets: u64,
  hardPackets: u64,
  softAddSeconds: u64,
  hardAddSeconds: u64,
  softUseSeconds: u64,
  hardUseSeconds: u64,
})

/** `struct xfrm_lifetime_cur` */
export const usage = struct({ bytes: u64, packets: u64, added: u64, used: u64 })

const never = 0xffff_ffff_ffff_ffffn

/** No end by itself. */
export const endless = {
  softBytes: never,
  hardBytes: never,
  softPackets: never,
  hardPackets: never,
  softAddSeconds: 0n,
  hardAddSeconds: 0n,
  softUseSeconds: 0n,
  hardUseSeconds: 0n,
}

/** Nothing so far. */
export const unused = { bytes: 0n, packets: 0n, added: 0n, used: 0n }

/** Every packet. */
export const noSelector = {
  destination: new Uint8Array(16),
  source: new Uint8Array(16),
  destinationPort: 0,
  destinationPortMask: 0,
  sourcePort: 0,
  sourcePortMask: 0,
  family: 0,
  destinationLength: 0,
  sourceLength: 0,
  protocol: 0,
  index: 0,
  user: 0,
}

/** The address family of an address as text. */
export function familyOf(text: string): number {
  return text.includes(':') ? AF_INET6 : AF_INET
}

/** An address as the kernel's security code has it. */
export function paddedAddress(text: string): Uint8Array {
  const all = new Uint8Array(16)
  all.set(ipBytes(text))
  return all
}

/** The way back from `paddedAddress`. */
export function addressText(padded: Uint8Array, family: number): string {
  return ipText(padded.slice(0, family === AF_INET6 ? 16 : 4))
}
