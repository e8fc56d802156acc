import { isErrno } from '../../base/errors.ts'
import { addressMessage, IFA_F_NODAD, RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../../wire/netlink/address.ts'
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL } from '../../wire/netlink/frame.ts'
import { routeScopes } from '../../wire/netlink/route.ts'
import { familyOf } from '../sockets/address-family.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

const FOREVER = 0xffff_ffff

/** One address of an interface, as it is now. */
export interface InterfaceAddress {
  /** `"10.0.0.2"` or `"fd00::2"`, without the prefix length. */
  readonly address: string
  /** Bits: 0–32 for IPv4, 0–128 for IPv6. */
  readonly prefixLength: number
  /** Seconds until the kernel drops it; `Infinity` when it never will. */
  readonly validFor: number
}

/** An address of an interface together with the interface. */
export interface PlacedAddress extends InterfaceAddress {
  readonly index: number
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
  try {
    return dump(netlink, index)
      .filter((one) => one.index === index) // a kernel before 4.20 lists those of all interfaces
      .map(({ index: _, ...address }) => address)
  } catch (error) {
    if (isErrno(error, 'ENODEV')) return []
    throw error
  }
}

/** Lists the addresses of all interfaces, IPv4 first. */
export function listAllAddresses(netlink: NetlinkSocket): PlacedAddress[] {
  return dump(netlink, 0)
}

function dump(netlink: NetlinkSocket, index: number): PlacedAddress[] {
  const request = addressMessage.encode({ family: 0, prefixLength: 0, flags: 0, scope: 0, index })
  return netlink.request('list addresses', RTM_GETADDR, NLM_F_DUMP, request).map(decodeAddress)
}

/** Reads what `RTM_NEWADDR` says. @throws {RangeError} when the bytes are not an address message */
export function decodeAddress(bytes: Uint8Array): PlacedAddress {
  const { header, attributes } = addressMessage.decode(bytes)
  const { local, address, cache } = attributes
  return {
    index: header.index,
    address: local ?? address ?? '', // on a point-to-point link "address" is the other end
    prefixLength: header.prefixLength,
    validFor: cache === undefined || cache.valid === FOREVER ? Infinity : cache.valid,
  }
}

/** An address to give to an interface. */
export interface NewAddress {
  readonly address: string
  readonly prefixLength: number
  /** IPv4 only; none unless told. */
  readonly broadcast?: string
  /** IPv6 only: no duplicate address detection, the address may be used at once. */
  readonly noDad?: boolean
  /** `global` unless told. */
  readonly scope?: keyof typeof routeScopes
}

/** Gives an interface an address. @throws {KernelError} `EEXIST` when it has it already, `ENODEV` when there is no such interface */
export function addAddress(netlink: NetlinkSocket, index: number, address: NewAddress): void {
  const action = `add address "${textOf(address)}" to link ${index}`
  netlink.request(action, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, encode(index, address))
}

/** Gives an interface an address unless it has it. @returns whether it had not */
export function ensureAddress(netlink: NetlinkSocket, index: number, address: NewAddress): boolean {
  try {
    addAddress(netlink, index, address)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

/** Takes an address from an interface; absent, also the interface, is success. */
export function removeAddress(netlink: NetlinkSocket, index: number, address: NewAddress): void {
  const action = `remove address "${textOf(address)}" from link ${index}`
  try {
    netlink.request(action, RTM_DELADDR, 0, encode(index, address))
  } catch (error) {
    if (!isErrno(error, 'EADDRNOTAVAIL', 'ENODEV')) throw error
  }
}

function encode(index: number, { address, prefixLength, broadcast, noDad, scope = 'global' }: NewAddress): Uint8Array {
  const flags = noDad ? IFA_F_NODAD : 0
  return addressMessage.encode(
    { family: familyOf(address), prefixLength, flags, scope: routeScopes[scope], index },
    { address, local: address, ...(broadcast !== undefined && { broadcast }) },
  )
}

function textOf({ address, prefixLength }: NewAddress): string {
  return `${address}/${prefixLength}`
}
