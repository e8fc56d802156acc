import { bytes, i32, struct, u8, u16, u16be, u32, u32be, u64 } from './layout.ts'
import { attr, message, raw } from './message.ts'

export const XFRM_MSG_NEWSA = 0x10
export const XFRM_MSG_DELSA = 0x11
export const IPPROTO_ESP = 50

const address = bytes(16, 4)

/** One security association, as IPsec keeps it. @source include/uapi/linux/xfrm.h (`struct xfrm_usersa_info`, `XFRMA_*`) */
export const securityAssociation = message(
  struct({
    selector: struct({
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
    }),
    id: struct({ destination: address, spi: u32be, protocol: u8 }),
    source: address,
    lifetime: struct({
      softBytes: u64,
      hardBytes: u64,
      softPackets: u64,
      hardPackets: u64,
      softAddSeconds: u64,
      hardAddSeconds: u64,
      softUseSeconds: u64,
      hardUseSeconds: u64,
    }),
    current: struct({ bytes: u64, packets: u64, added: u64, used: u64 }),
    statistics: struct({ replayWindow: u32, replay: u32, integrityFailed: u32 }),
    sequence: u32,
    requestId: u32,
    family: u16,
    mode: u8, // 0 transport, 1 tunnel
    replayWindow: u8,
    flags: u8,
  }),
  {
    aead: attr(18, raw), // XFRMA_ALG_AEAD: struct xfrm_algo_aead
  },
)
