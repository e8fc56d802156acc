import { SocketAddress } from 'node:net'
import { addressMessage } from '../wire/netlink/address.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

const RTM_GETADDR = 22,
  NLM_F_DUMP = 0x300,
  AF_INET6 = 10,
  FOREVER = 0xffff_ffff

export interface InterfaceAddress {
  /** `"10.0.0.2"` or `"fd00::2"`, without the prefix length. */
  readonly address: string
  /** Bits: 0–32 for IPv4, 0–128 for IPv6. */
  readonly prefixLength: number
  /** Seconds until the kernel drops it; `Infinity` when it never will. */
  readonly validFor: number
}

/**
 * Lists the addresses of one interface, in the order the kernel keeps them.
 *
 * An interface that does not exist has no addresses: the answer is `[]`, not an error.
 *
 * @param netlink  a socket of the namespace to look in
 * @param index    interface index, 1 or more (`ip link` prints it first)
 * @throws {KernelError} `EPERM` in a user namespace that does not own `netlink`'s namespace
 * @throws {RangeError} when a reply is shorter than its own length field says
 * @source include/uapi/linux/if_addr.h; rtnetlink(7), "RTM_GETADDR"
 * @example
 * listAddresses(netlink, 1) // [{ address: '127.0.0.1', prefixLength: 8, validFor: Infinity }]
 */
export function listAddresses(netlink: NetlinkSocket, index: number): InterfaceAddress[] {
  const request = addressMessage.encode({ family: 0, prefixLength: 0, flags: 0, scope: 0, index: 0 })
  return netlink
    .request('list addresses', RTM_GETADDR, NLM_F_DUMP, request)
    .map(addressMessage.decode)
    .filter(({ header }) => header.index === index)
    .map(({ header, attributes: { local, address, cache } }) => ({
      address: textOf(header.family, local ?? address ?? new Uint8Array(0)),
      prefixLength: header.prefixLength,
      validFor: cache === undefined || cache.valid === FOREVER ? Infinity : cache.valid,
    }))
}

function textOf(family: number, bytes: Uint8Array): string {
  if (family !== AF_INET6) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address // compressed form
}
