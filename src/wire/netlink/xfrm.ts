import { ipBytes } from '../ip-address.ts'
import { bytes, i32, struct, u8, u16, u16be, u32, u32be, u64 } from './layout.ts'
import { attr, message, type Payload, viewOf } from './message.ts'

export const XFRM_MSG_NEWSA = 0x10
export const XFRM_MSG_DELSA = 0x11
export const IPPROTO_ESP = 50
const AF_INET = 2

const address = bytes(16, 4)

/** How to encrypt and to authenticate at once. Lengths in the structure are in bits. */
export interface Aead {
  /** `"rfc4106(gcm(aes))"` */
  readonly algorithm: string
  /** With the 4 bytes of salt that RFC 4106 appends. */
  readonly key: Uint8Array
  /** Bits: 64, 96 or 128. */
  readonly checkLength: number
}

const aeadHead = struct({ algorithm: bytes(64), keyLength: u32, checkLength: u32 })

/** `struct xfrm_algo_aead`: a head, then the key. */
const aead: Payload<Aead> = {
  encode({ algorithm, key, checkLength }) {
    const body = new Uint8Array(aeadHead.size + key.length)
    const name = new Uint8Array(64)
    name.set(Buffer.from(algorithm).subarray(0, 63))
    aeadHead.write(viewOf(body), 0, { algorithm: name, keyLength: 8 * key.length, checkLength })
    body.set(key, aeadHead.size)
    return body
  },
  decode(body) {
    const { algorithm, keyLength, checkLength } = aeadHead.read(viewOf(body), 0)
    const name = Buffer.from(algorithm).toString().replace(/\0.*$/s, '')
    return { algorithm: name, key: body.slice(aeadHead.size, aeadHead.size + keyLength / 8), checkLength }
  },
}

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
    aead: attr(18, aead), // XFRMA_ALG_AEAD
  },
)

const noAddress = new Uint8Array(16)
const never = 0xffff_ffff_ffff_ffffn
const blankAssociation: Parameters<typeof securityAssociation.encode>[0] = {
  selector: {
    destination: noAddress,
    source: noAddress,
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
  },
  id: { destination: noAddress, spi: 0, protocol: IPPROTO_ESP },
  source: noAddress,
  lifetime: {
    softBytes: never,
    hardBytes: never,
    softPackets: never,
    hardPackets: never,
    softAddSeconds: 0n,
    hardAddSeconds: 0n,
    softUseSeconds: 0n,
    hardUseSeconds: 0n,
  },
  current: { bytes: 0n, packets: 0n, added: 0n, used: 0n },
  statistics: { replayWindow: 0, replay: 0, integrityFailed: 0 },
  sequence: 0,
  requestId: 0,
  family: AF_INET,
  mode: 0,
  replayWindow: 32,
  flags: 0,
}

/** What one direction of an encrypted connection between two IPv4 addresses is made of. */
export interface EspParts {
  readonly source: string
  readonly destination: string
  /** 256 or more. */
  readonly spi: number
  readonly requestId: number
  /** 16, 24 or 32 bytes for AES, and 4 of salt. */
  readonly key: Uint8Array
}

/** `XFRM_MSG_NEWSA` for ESP in transport mode with AES-GCM. @source RFC 4106 */
export function espAssociation({ source, destination, spi, requestId, key }: EspParts): Uint8Array {
  const padded = (address: string) => {
    const all = new Uint8Array(16)
    all.set(ipBytes(address))
    return all
  }
  return securityAssociation.encode(
    {
      ...blankAssociation,
      id: { destination: padded(destination), spi, protocol: IPPROTO_ESP },
      source: padded(source),
      requestId,
    },
    { aead: { algorithm: 'rfc4106(gcm(aes))', key, checkLength: 128 } },
  )
}
