import { EngineError, isErrno } from '../../base/errors.ts'
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_ECHO, NLM_F_EXCL } from '../../wire/netlink/frame.ts'
import {
  IFF_UP,
  linkMessage,
  operStates,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
} from '../../wire/netlink/link.ts'
import { linkKinds } from '../../wire/netlink/link-kinds.ts'
import type { NetworkNamespace } from '../namespace.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** A network interface as it is now. */
export interface LinkInfo {
  readonly index: number
  readonly name: string
  /** `"bridge"`, `"veth"`, `"vxlan"`, …; empty for hardware and `lo`. */
  readonly kind: string
  readonly mtu: number
  /** `"02:42:ac:11:00:02"`; empty where there is none. */
  readonly mac: string
  /** Switched on; whether it carries anything says `operState`. */
  readonly up: boolean
  /** Index of the bridge that it is a port of. */
  readonly master: number | undefined
  /** Index of the other end of a veth, or of the parent of a vlan, macvlan or ipvlan. */
  readonly peerIndex: number | undefined
  /** By which number this namespace knows the one that `peerIndex` is in; undefined for this one. */
  readonly linkNamespaceId: number | undefined
  readonly operState: (typeof operStates)[number]
  /** `IFF_*` */
  readonly flags: number
  /** `ARPHRD_*`: 1 for Ethernet, 772 for loopback. */
  readonly type: number
  /** A note that somebody left on it; empty for none. */
  readonly alias: string
  /** What `IFLA_INFO_DATA` holds; its kind's codec is in `wire/netlink/link-kinds.ts`. */
  readonly data: Uint8Array | undefined
}

const blank = { family: 0, type: 0, index: 0, flags: 0, change: 0 }
const longestName = 15

/** All interfaces of a namespace, in order of index. */
export function listLinks(netlink: NetlinkSocket): LinkInfo[] {
  const question = linkMessage.encode(blank, { extendedMask: RTEXT_FILTER_SKIP_STATS })
  return netlink.request('list links', RTM_GETLINK, NLM_F_DUMP, question).map(decodeLink)
}

/** One interface by name, or by index. */
export function findLink(netlink: NetlinkSocket, nameOrIndex: string | number): LinkInfo | undefined {
  const byName = typeof nameOrIndex === 'string'
  if (byName && !fits(nameOrIndex)) return undefined
  const question = linkMessage.encode(byName ? blank : { ...blank, index: nameOrIndex }, {
    ...(byName ? { name: nameOrIndex } : {}),
    extendedMask: RTEXT_FILTER_SKIP_STATS,
  })
  try {
    const [reply] = netlink.request(`find link "${nameOrIndex}"`, RTM_GETLINK, 0, question)
    return reply && decodeLink(reply)
  } catch (error) {
    if (isErrno(error, 'ENODEV')) return undefined
    throw error
  }
}

/** What an interface can be told, when it is made or later. */
export interface LinkSettings {
  readonly up?: boolean
  /** Bytes. */
  readonly mtu?: number
  readonly mac?: string
  /** Index of a bridge; 0 takes it out of the one it is in. */
  readonly master?: number
  /** Must be down, unless the kernel is 6.2 or later. */
  readonly name?: string
  /** Moves it there; it keeps its name and loses its addresses. */
  readonly namespace?: NetworkNamespace
  /** A note of at most 255 bytes. */
  readonly alias?: string
  /** A number that interfaces can be deleted by together; 0 for none. */
  readonly group?: number
}

/** Changes an interface; what is not named stays. @throws {KernelError} `ENODEV` when there is none, `EEXIST` when the name is taken */
export function setLink(netlink: NetlinkSocket, index: number, settings: LinkSettings): void {
  const { header, attributes } = settingsMessage(settings)
  netlink.request(`change link ${index}`, RTM_NEWLINK, 0, linkMessage.encode({ ...header, index }, attributes))
}

/** Removes an interface, and its peer; absent is success. Blocks for up to 40 ms: see `deleteLinkAsync`. */
export function deleteLink(netlink: NetlinkSocket, nameOrIndex: string | number): void {
  try {
    netlink.request(`delete link "${nameOrIndex}"`, RTM_DELLINK, 0, deletion(nameOrIndex))
  } catch (error) {
    if (!isErrno(error, 'ENODEV')) throw error
  }
}

/** Like `deleteLink`, on a pool thread: a bridge or a veth takes its caller up to 40 ms. */
export async function deleteLinkAsync(netlink: NetlinkSocket, nameOrIndex: string | number): Promise<void> {
  try {
    await netlink.requestAsync(`delete link "${nameOrIndex}"`, RTM_DELLINK, 0, deletion(nameOrIndex))
  } catch (error) {
    if (!isErrno(error, 'ENODEV')) throw error
  }
}

/**
 * Removes all interfaces of a group, on a pool thread; an empty one is success. However many they are, the kernel waits
 * for them no longer than for one.
 *
 * @param group not 0, which everything is in
 */
export async function deleteLinkGroupAsync(netlink: NetlinkSocket, group: number): Promise<void> {
  try {
    await netlink.requestAsync(`delete link group ${group}`, RTM_DELLINK, 0, linkMessage.encode(blank, { group }))
  } catch (error) {
    if (!isErrno(error, 'ENODEV')) throw error
  }
}

function deletion(nameOrIndex: string | number): Uint8Array {
  return typeof nameOrIndex === 'number'
    ? linkMessage.encode({ ...blank, index: nameOrIndex })
    : linkMessage.encode(blank, { name: nameOrIndex })
}

/** Settings of an interface that is about to be made: its name is a must, and an alias can only be set later. */
export interface NewLink extends Omit<LinkSettings, 'alias'> {
  readonly name: string
}

/**
 * Makes an interface of any kind. The kinds' own functions are in `create-link.ts`.
 *
 * @param data encoded `IFLA_INFO_DATA` of the kind
 * @param parent index of the interface that it sits on
 * @returns its index; 0 when it was put into another namespace
 * @throws {KernelError} `EEXIST` when the name is taken, `EOPNOTSUPP` when the kernel does not know the kind
 */
export function createLink(
  netlink: NetlinkSocket,
  spec: NewLink & {
    readonly kind: string
    readonly data?: Uint8Array
    readonly parent?: number
  },
): number {
  const { name, kind, data, parent } = spec
  if (!fits(name))
    throw new EngineError('invalid-argument', `Cannot create ${kind} "${name}": a name has 1 to ${longestName} bytes`)
  const { header, attributes } = settingsMessage(spec)
  const body = linkMessage.encode(header, {
    ...attributes,
    ...(parent !== undefined && { link: parent }),
    info: { kind, ...(data && { data }) },
  })
  // The echo comes to the namespace of the new interface, where it may find another socket of ours: not asked for then.
  const isElsewhere = spec.namespace !== undefined
  const flags = NLM_F_CREATE | NLM_F_EXCL | (isElsewhere ? 0 : NLM_F_ECHO)
  const [made] = netlink.request(`create ${kind} "${name}"`, RTM_NEWLINK, flags, body)
  if (isElsewhere) return 0
  // Before Linux 6.2 nothing is echoed: then the name has to do, which is all that anybody had.
  return made ? linkMessage.decode(made).header.index : (findLink(netlink, name)?.index ?? 0)
}

/**
 * Makes a bridge. Give it a `mac`: without, it takes the lowest of its ports', and changes whenever they do.
 *
 * @returns its index
 * @throws {KernelError} `EEXIST` when the name is taken
 */
export function createBridge(netlink: NetlinkSocket, spec: NewLink & { readonly multicastSnooping?: boolean }): number {
  const { multicastSnooping } = spec
  const data = linkKinds.bridge.encode(
    multicastSnooping === undefined ? {} : { multicastSnooping: Number(multicastSnooping) },
  )
  return createLink(netlink, { ...spec, kind: 'bridge', data })
}

/**
 * Makes a pair of virtual cables in one message: the near end here, the peer straight in its namespace, so that no
 * half of it is ever seen where it does not belong. The kernel lets only the near end come up in that message: the
 * peer is down.
 *
 * @returns the index of the near end
 * @throws {KernelError} `EEXIST` when one of the names is taken
 */
export function createVeth(
  netlink: NetlinkSocket,
  spec: NewLink & { readonly peer: Omit<NewLink, 'up' | 'master'> },
): number {
  const data = linkKinds.veth.encode({ peer: settingsMessage(spec.peer) })
  return createLink(netlink, { ...spec, kind: 'veth', data })
}

/** The link message that asks for `settings`; the caller adds what it is about. */
function settingsMessage(settings: LinkSettings): ReturnType<typeof linkMessage.decode> {
  const { up, mtu, mac, master, name, namespace, alias, group } = settings
  return {
    header: { ...blank, flags: up ? IFF_UP : 0, change: up === undefined ? 0 : IFF_UP },
    attributes: {
      ...(mac !== undefined && { address: mac }),
      ...(name !== undefined && { name }),
      ...(mtu !== undefined && { mtu }),
      ...(master !== undefined && { master }),
      ...(namespace && { namespaceFd: namespace.fd }),
      ...(alias !== undefined && { alias }),
      ...(group !== undefined && { group }),
    },
  }
}

function fits(name: string): boolean {
  const length = Buffer.byteLength(name)
  return length > 0 && length <= longestName
}

/** Reads what `RTM_NEWLINK` says. @throws {RangeError} when the bytes are not a link message */
export function decodeLink(bytes: Uint8Array): LinkInfo {
  const { header, attributes } = linkMessage.decode(bytes)
  const { info, master, alias, operState, link } = attributes
  return {
    index: header.index,
    name: attributes.name ?? '',
    kind: info?.kind ?? '',
    mtu: attributes.mtu ?? 0,
    mac: attributes.address ?? '',
    up: (header.flags & IFF_UP) !== 0,
    master: master || undefined,
    peerIndex: link || undefined,
    linkNamespaceId: attributes.linkNamespaceId,
    operState: operStates[operState ?? 0] ?? 'unknown',
    flags: header.flags,
    type: header.type,
    alias: alias ?? '',
    data: info?.data,
  }
}
