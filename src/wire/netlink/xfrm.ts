import { bytes, struct, u8, u16, u32, u32be } from './layout.ts'
import { attr, message, type Payload, viewOf } from './message.ts'
import {
  addressText,
  associationId,
  endless,
  familyOf,
  IPPROTO_ESP,
  lifetime,
  noSelector,
  paddedAddress,
  selector,
  unused,
  usage,
} from './xfrm-parts.ts'

export const XFRM_MSG_NEWSA = 0x10
export const XFRM_MSG_DELSA = 0x11
export const XFRM_MSG_GETSA = 0x12

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
    selector,
    id: associationId,
    source: bytes(16, 4),
    lifetime,
    current: usage,
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

/** Which association. @source include/uapi/linux/xfrm.h (`struct xfrm_usersa_id`) */
const associationName = message(struct({ destination: bytes(16, 4), spi: u32be, family: u16, protocol: u8 }), {})

/** Whose association: what its packets carry. */
export interface EspName {
  readonly destination: string
  /** 256 or more. */
  readonly spi: number
}

/** What one direction of an encrypted connection between two addresses of one family is made of. */
export interface EspParts extends EspName {
  readonly source: string
  readonly requestId: number
  /** 16, 24 or 32 bytes for AES, and 4 of salt. */
  readonly key: Uint8Array
}

/**
 * `XFRM_MSG_NEWSA` for ESP in transport mode with AES-GCM. Without a window against replays: an end that starts again
 * counts from 1, and would not be heard. @source RFC 4106
 */
export function espAssociation({ source, destination, spi, requestId, key }: EspParts): Uint8Array {
  return securityAssociation.encode(
    {
      selector: noSelector,
      id: { destination: paddedAddress(destination), spi, protocol: IPPROTO_ESP },
      source: paddedAddress(source),
      lifetime: endless,
      current: unused,
      statistics: { replayWindow: 0, replay: 0, integrityFailed: 0 },
      sequence: 0,
      requestId,
      family: familyOf(destination),
      mode: 0,
      replayWindow: 0,
      flags: 0,
    },
    { aead: { algorithm: 'rfc4106(gcm(aes))', key, checkLength: 128 } },
  )
}

/** `XFRM_MSG_DELSA` */
export function espName({ destination, spi }: EspName): Uint8Array {
  const family = familyOf(destination)
  return associationName.encode({ destination: paddedAddress(destination), spi, family, protocol: IPPROTO_ESP })
}

/** An association as the kernel has it; undefined for one that is not ESP in transport mode. */
export function parseEspAssociation(body: Uint8Array): (EspParts & { readonly packets: bigint }) | undefined {
  const { header, attributes } = securityAssociation.decode(body)
  const { id, source, family, requestId, mode, current } = header
  if (id.protocol !== IPPROTO_ESP || mode !== 0) return undefined
  return {
    source: addressText(source, family),
    destination: addressText(id.destination, family),
    ...{ spi: id.spi, requestId, packets: current.packets },
    key: attributes.aead?.key ?? new Uint8Array(),
  }
}
