import { isErrno } from '../../base/errors.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE } from '../../wire/netlink/frame.ts'
import {
  neighbourFlags,
  neighbourMessage,
  neighbourStates,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from '../../wire/netlink/neighbour.ts'
import { AF_BRIDGE } from '../sockets/address-family.ts'
import { throwUnless } from './netlink-exchange.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** Where frames for one hardware address go: an entry of a bridge's, or of a VXLAN tunnel's, forwarding database. */
export interface ForwardingEntry {
  /** Of the port, or of the tunnel. */
  readonly index: number
  readonly mac: string
  /** `bridge`: the bridge that `index` is a port of. `self`: the device itself, e.g. a tunnel. */
  readonly place: 'bridge' | 'self'
  /** Address of the far end of a tunnel. */
  readonly remote?: string
  /** UDP port and VNI of the far end, when not the tunnel's own. */
  readonly port?: number
  readonly vni?: number
}

/** A forwarding entry as it is now. */
export interface ForwardingEntryInfo extends ForwardingEntry {
  /** Made by somebody, not learned from a frame. */
  readonly permanent: boolean
  readonly master: number | undefined
}

/** The address that stands for "every hardware address that no entry names"; a tunnel may have one for each far end. */
export const anyMac = '00:00:00:00:00:00'

const blank = { family: AF_BRIDGE, pad: 0, pad2: 0, index: 0, state: 0, flags: 0, type: 0 }

/** Lists the entries of one port or tunnel, or of all. */
export function listForwardingEntries(netlink: NetlinkSocket, index?: number): ForwardingEntryInfo[] {
  const header = { ...blank, index: index ?? 0 }
  return netlink
    .request('list forwarding entries', RTM_GETNEIGH, NLM_F_DUMP, neighbourMessage.encode(header))
    .map(neighbourMessage.decode)
    .filter((entry) => index === undefined || entry.header.index === index)
    .map(forwardingEntryOf)
}

/** The entry that a tunnel has for one hardware address. @throws {KernelError} when `index` is no such device */
export function findTunnelEntry(netlink: NetlinkSocket, index: number, mac: string): ForwardingEntryInfo | undefined {
  const question = neighbourMessage.encode({ ...blank, index, flags: neighbourFlags.self }, { mac })
  try {
    const [reply] = netlink.request(`find forwarding entry "${mac}" of link ${index}`, RTM_GETNEIGH, 0, question)
    return reply && forwardingEntryOf(neighbourMessage.decode(reply))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** What a decoded `RTM_NEWNEIGH` of family AF_BRIDGE says. */
export function forwardingEntryOf({
  header: { index, state, flags },
  attributes: { mac = '', address, port, vni, master },
}: ReturnType<typeof neighbourMessage.decode>): ForwardingEntryInfo {
  return {
    index,
    mac,
    place: (flags & neighbourFlags.self) !== 0 ? 'self' : 'bridge',
    ...(address !== undefined && { remote: address }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    permanent: (state & (neighbourStates.permanent | neighbourStates['no-arp'])) !== 0,
    master,
  }
}

/** Makes an entry unless it is there; one for the same hardware address that says otherwise is replaced, for `anyMac` added to. */
export function ensureForwardingEntry(netlink: NetlinkSocket, entry: ForwardingEntry): void {
  ensureForwardingEntries(netlink, [entry])
}

/** Like `ensureForwardingEntry`, for many at once: a few microseconds each. */
export function ensureForwardingEntries(netlink: NetlinkSocket, entries: readonly ForwardingEntry[]): void {
  const requests = entries.map((entry) => {
    const flags = NLM_F_CREATE | (entry.mac === anyMac ? NLM_F_APPEND : NLM_F_REPLACE)
    return { type: RTM_NEWNEIGH, flags, body: encode(entry) }
  })
  const refusals = netlink.requestMany(`add forwarding entries ${namesOf(entries)}`, requests)
  throwUnless(refusals, 'EEXIST')
}

/** Removes an entry; absent, also its interface, is success. */
export function removeForwardingEntry(netlink: NetlinkSocket, entry: ForwardingEntry): void {
  removeForwardingEntries(netlink, [entry])
}

/** Removes many at once. A tunnel's entry that names a remote is removed only while it leads there; so is it success. */
export function removeForwardingEntries(netlink: NetlinkSocket, entries: readonly ForwardingEntry[]): void {
  const requests = entries.map((entry) => ({ type: RTM_DELNEIGH, flags: 0, body: encode(entry) }))
  const refusals = netlink.requestMany(`remove forwarding entries ${namesOf(entries)}`, requests)
  throwUnless(refusals, 'ENOENT', 'ENODEV')
}

function namesOf(entries: readonly ForwardingEntry[]): string {
  const [first, ...more] = entries
  return first ? `"${first.mac}"${more.length > 0 ? ` and ${more.length} more` : ''} of link ${first.index}` : ''
}

function encode({ index, mac, place, remote, port, vni }: ForwardingEntry): Uint8Array {
  const header = {
    ...blank,
    index,
    // The bridge forgets what is only reachable; "noarp" is how it writes an entry that stays and is not its own.
    state: place === 'self' ? neighbourStates.permanent : neighbourStates['no-arp'],
    flags: place === 'self' ? neighbourFlags.self : neighbourFlags.master,
  }
  return neighbourMessage.encode(header, {
    mac,
    ...(remote !== undefined && { address: remote }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
  })
}
