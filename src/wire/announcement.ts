import { ipBytes, macBytes } from './ip-address.ts'

const ETH_P_ARP = 0x0806
const ETH_P_IPV6 = 0x86dd
const IPPROTO_ICMPV6 = 58
const broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
/** Where all nodes of a link listen, and their hardware address. */
const allNodes = ipBytes('ff02::1')
const allNodesMac = [0x33, 0x33, 0, 0, 0, 1]

/**
 * The Ethernet frame that tells a link which hardware address an IPv4 address is at, unasked.
 *
 * @source RFC 5227, 2.3: a request whose sender and target are the same
 */
export function arpAnnouncement(mac: string, address: string): Uint8Array {
  const [own, ip] = [macBytes(mac), ipBytes(address)]
  const head = [0, 1, 0x08, 0, own.length, ip.length, 0, 1] // Ethernet, IPv4, their lengths, request
  return Uint8Array.of(...broadcast, ...own, ...word(ETH_P_ARP), ...head, ...own, ...ip, 0, 0, 0, 0, 0, 0, ...ip)
}

/**
 * The Ethernet frame that tells a link which hardware address an IPv6 address is at, unasked.
 *
 * @source RFC 4861, 4.4 (neighbour advertisement), 7.2.6 (unsolicited ones)
 */
export function neighbourAdvertisement(mac: string, address: string): Uint8Array {
  const [own, ip] = [macBytes(mac), ipBytes(address)]
  const override = 0x20
  const targetLinkLayer = [2, 1, ...own]
  const body = [136, 0, 0, 0, override, 0, 0, 0, ...ip, ...targetLinkLayer]
  const pseudo = [...ip, ...allNodes, 0, 0, ...word(body.length), 0, 0, 0, IPPROTO_ICMPV6]
  body.splice(2, 2, ...word(checksum([...pseudo, ...body])))
  const header = [0x60, 0, 0, 0, ...word(body.length), IPPROTO_ICMPV6, 255, ...ip, ...allNodes]
  return Uint8Array.of(...allNodesMac, ...own, ...word(ETH_P_IPV6), ...header, ...body)
}

function word(value: number): [number, number] {
  return [value >> 8, value & 0xff]
}

/** Of an even number of bytes. @source RFC 1071 */
function checksum(bytes: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}
