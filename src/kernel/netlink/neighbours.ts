import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE } from '../../wire/netlink/frame.ts'
import {
  neighbourFlags,
  neighbourMessage,
  neighbourStates,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from '../../wire/netlink/neighbour.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, familyOf } from '../sockets/address-family.ts'
import { throwUnless } from './netlink-exchange.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** Who has an address on a link (ARP, NDP). */
export interface Neighbour {
  readonly index: number
  readonly address: string
  /** Empty while nobody knows. */
  readonly mac: string
  readonly permanent: boolean
  /** `NUD_*` */
  readonly state: number
}

const blank = { family: AF_UNSPEC, pad: 0, pad2: 0, index: 0, state: 0, flags: 0, type: 0 }

/** Lists the neighbours of a link, or of all. Entries that only say "multicast goes there" are left out. */
export function listNeighbours(netlink: NetlinkSocket, index?: number): Neighbour[] {
  // A dump is filtered by an attribute, not by the header.
  const question = neighbourMessage.encode(blank, index === undefined ? {} : { underlay: index })
  return netlink
    .request('list neighbours', RTM_GETNEIGH, NLM_F_DUMP, question)
    .map(neighbourMessage.decode)
    .filter(({ header }) => header.family === AF_INET || header.family === AF_INET6)
    .map(neighbourOf)
    .filter((one) => (index === undefined || one.index === index) && one.state !== neighbourStates['no-arp'])
}

/** What a decoded `RTM_NEWNEIGH` of either address family says. */
export function neighbourOf({ header, attributes }: ReturnType<typeof neighbourMessage.decode>): Neighbour {
  return {
    index: header.index,
    address: attributes.address ?? '',
    mac: attributes.mac ?? '',
    permanent: (header.state & neighbourStates.permanent) !== 0,
    state: header.state,
  }
}

/** A permanent entry to make. */
export interface NewNeighbour {
  readonly index: number
  readonly address: string
  readonly mac: string
}

/** Makes a permanent entry, in the place of one for the same address. */
export function ensureNeighbour(netlink: NetlinkSocket, neighbour: NewNeighbour): void {
  ensureNeighbours(netlink, [neighbour])
}

/** Like `ensureNeighbour`, for many at once. */
export function ensureNeighbours(netlink: NetlinkSocket, neighbours: readonly NewNeighbour[]): void {
  const requests = neighbours.map(({ index, address, mac }) => {
    const header = { ...blank, family: familyOf(address), index, state: neighbourStates.permanent }
    const body = neighbourMessage.encode(header, { address, mac })
    return { type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE, body }
  })
  throwUnless(netlink.requestMany(`add neighbours ${namesOf(neighbours)}`, requests))
}

/** Removes an entry; absent, also its interface, is success. */
export function removeNeighbour(netlink: NetlinkSocket, neighbour: Omit<NewNeighbour, 'mac'>): void {
  removeNeighbours(netlink, [neighbour])
}

/** Like `removeNeighbour`, for many at once. */
export function removeNeighbours(netlink: NetlinkSocket, neighbours: readonly Omit<NewNeighbour, 'mac'>[]): void {
  const requests = neighbours.map(({ index, address }) => {
    const body = neighbourMessage.encode({ ...blank, family: familyOf(address), index }, { address })
    return { type: RTM_DELNEIGH, flags: 0, body }
  })
  throwUnless(netlink.requestMany(`remove neighbours ${namesOf(neighbours)}`, requests), 'ENOENT', 'ENODEV', 'ENXIO')
}

function namesOf(neighbours: readonly Omit<NewNeighbour, 'mac'>[]): string {
  const [first, ...more] = neighbours
  return first ? `"${first.address}"${more.length > 0 ? ` and ${more.length} more` : ''} of link ${first.index}` : ''
}

/** Lets a link answer ARP or NDP for an address that is elsewhere. */
export function ensureProxyNeighbour(netlink: NetlinkSocket, index: number, address: string): void {
  const header = { ...blank, family: familyOf(address), index, flags: neighbourFlags.proxy }
  const body = neighbourMessage.encode(header, { address })
  netlink.request(`answer for "${address}" on link ${index}`, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, body)
}
