import { i32, roundUp, struct, u16, u32 } from './layout.ts'
import { attr, concat, cstring, nested, viewOf } from './message.ts'

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_ECHO = 0x8
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP = 0x300
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200

/** `struct nlmsghdr` */
const header = struct({ length: u32, type: u16, flags: u16, sequence: u32, portId: u32 })

/** One message, without its `struct nlmsghdr`. */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** Who asked; 0 in what the kernel says unasked. */
  readonly portId: number
  readonly body: Uint8Array
}

/** The bytes of one message. */
export function encodeFrame({ type, flags, sequence, portId, body }: Frame): Uint8Array {
  const bytes = new Uint8Array(header.size + body.length)
  header.write(viewOf(bytes), 0, { length: bytes.length, type, flags, sequence, portId })
  bytes.set(body, header.size)
  return bytes
}

/** The bytes of several messages, to be sent together. */
export function encodeFrames(frames: readonly Frame[]): Uint8Array {
  const parts = frames.map(encodeFrame)
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + roundUp(length, 4), 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += roundUp(part.length, 4)
  }
  return bytes
}

/**
 * The messages of one datagram. Their bodies are views of `bytes`.
 *
 * @throws {RangeError} when a length field says less than a header, or more than there is
 */
export function decodeFrames(bytes: Uint8Array): Frame[] {
  const view = viewOf(bytes)
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const { length, ...rest } = header.read(view, at)
    if (length < header.size || at + length > bytes.length)
      throw new RangeError(`Cannot decode message: length ${length} at byte ${at} of ${bytes.length}`)
    frames.push({ ...rest, body: bytes.subarray(at + header.size, at + length) })
    at += roundUp(length, 4)
  }
  return frames
}

/** What the kernel adds to a refusal, since Linux 4.12. @source include/uapi/linux/netlink.h (`NLMSGERR_ATTR_*`) */
const extendedAck = nested({
  message: attr(1, cstring),
  offset: attr(2, u32),
  missingType: attr(5, u32),
  missingNest: attr(6, u32),
})

/** The end of an exchange. */
export interface Acknowledgement {
  /** 0 for success, else a positive errno. */
  readonly errno: number
  /** The kernel's own sentence. */
  readonly message?: string
  /** Where in the request, in bytes from its `struct nlmsghdr`, the attribute is that the kernel did not like. */
  readonly offset?: number
  /** Number of an attribute that the kernel needs and did not get. */
  readonly missingType?: number
}

/** Reads an `NLMSG_ERROR`, or the `NLMSG_DONE` of a dump. @source include/uapi/linux/netlink.h (`struct nlmsgerr`) */
export function decodeAcknowledgement({ type, flags, body }: Frame): Acknowledgement {
  if (type === NLMSG_DONE && body.length < i32.size) return { errno: 0 }
  const view = viewOf(body)
  const errno = -i32.read(view, 0) || 0
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno }
  if (type === NLMSG_DONE) return { errno, ...extendedAck.decode(body.subarray(i32.size)) }
  // After the errno comes the header of the request, and the rest of the request unless it was capped.
  const request = header.read(view, i32.size)
  const requestLength = (flags & NLM_F_CAPPED) === 0 ? roundUp(request.length, 4) : header.size
  return { errno, ...extendedAck.decode(body.subarray(i32.size + requestLength)) }
}

/** The bytes of an acknowledgement as the kernel writes them for a capped request; for tests and stand-ins. */
export function encodeAcknowledgement({ errno, ...attributes }: Acknowledgement, sequence: number): Uint8Array {
  const body = new Uint8Array(i32.size + header.size)
  i32.write(viewOf(body), 0, -errno)
  header.write(viewOf(body), i32.size, { length: header.size, type: 0, flags: 0, sequence, portId: 0 })
  const flags = NLM_F_CAPPED | NLM_F_ACK_TLVS
  return encodeFrame({
    type: NLMSG_ERROR,
    flags,
    sequence,
    portId: 0,
    body: concat([body, extendedAck.encode(attributes)]),
  })
}
