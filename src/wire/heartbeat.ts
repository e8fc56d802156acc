import { macBytes, macText } from './ip-address.ts'

/** Kept by the IEEE for whoever experiments on a network of their own. @source IEEE Std 802, "Local Experimental Ethertype 1" */
export const heartbeatEthertype = 0x88b5

/** Bytes of a frame before the packet that it carries. */
export const ethernetHeaderBytes = 14
/** The smallest packet that has room for what a heartbeat says, and that every link carries without filling up. */
export const smallestHeartbeat = 64

const magic = 0x57_68_72_66 // "Whrf"
const version = 1
const kinds = ['question', 'answer'] as const

/** One frame of a heartbeat. */
export interface Heartbeat {
  /** Hardware addresses: `"06:01:23:45:67:89"`. */
  readonly to: string
  readonly from: string
  readonly kind: (typeof kinds)[number]
  /** 32 bits; an answer has that of its question. */
  readonly number: number
  /** Milliseconds since 1970, by the clock of whoever sends it. */
  readonly time: number
  /** Of the packet, without the Ethernet header: at least `smallestHeartbeat`. */
  readonly bytes: number
}

/**
 * The frame of a heartbeat, filled up with zeros to its size.
 *
 * ```
 * |   to 6   |  from 6  | type 2 | magic 4 | version 1 | kind 1 | bytes 2 | number 4 | time 8 | 0 …
 * ```
 */
export function encodeHeartbeat({ to, from, kind, number, time, bytes }: Heartbeat): Buffer {
  const frame = Buffer.alloc(ethernetHeaderBytes + bytes)
  frame.set(macBytes(to), 0)
  frame.set(macBytes(from), 6)
  frame.writeUInt16BE(heartbeatEthertype, 12)
  frame.writeUInt32BE(magic, 14)
  frame.writeUInt8(version, 18)
  frame.writeUInt8(kinds.indexOf(kind), 19)
  frame.writeUInt16BE(bytes, 20)
  frame.writeUInt32BE(number, 22)
  frame.writeBigUInt64BE(BigInt(time), 26)
  return frame
}

/** @returns undefined for what is no heartbeat, or one that was cut off */
export function decodeHeartbeat(frame: Buffer): Heartbeat | undefined {
  if (frame.length < ethernetHeaderBytes + smallestHeartbeat) return undefined
  if (frame.readUInt16BE(12) !== heartbeatEthertype || frame.readUInt32BE(14) !== magic) return undefined
  const kind = kinds[frame.readUInt8(19)]
  const bytes = frame.readUInt16BE(20)
  if (frame.readUInt8(18) !== version || kind === undefined) return undefined
  if (bytes < smallestHeartbeat || frame.length < ethernetHeaderBytes + bytes) return undefined
  const time = Number(frame.readBigUInt64BE(26))
  const [to, from] = [macText(frame.subarray(0, 6)), macText(frame.subarray(6, 12))]
  return { to, from, kind, number: frame.readUInt32BE(22), time, bytes }
}
