/** Record types that the resolver knows by name. @source IANA "DNS Parameters", resource record types */
export const recordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  ANY: 255,
} as const

/** Response codes. @source RFC 1035 §4.1.1; RFC 6891 §9 (BADVERS) */
export const responseCode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const

/** The Internet. */
export const classIN = 1

/**
 * Bits of the second 16-bit word of a message: response, opcode, truncated, recursion desired and available,
 * checking disabled.
 *
 * @source RFC 1035 §4.1.1; RFC 4035 §3.2.2 (CD)
 */
export const flag = {
  QR: 0x8000,
  OPCODE: 0x7800,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  CD: 0x0010,
  RCODE: 0x000f,
} as const

/** Bytes of the fixed part at the start of every message. */
export const headerBytes = 12

/** Bytes of an OPT record without options: root name, type, class, TTL, length. */
export const optBytes = 11
