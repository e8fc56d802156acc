import { ipvlanFlags, ipvlanModes, linkKinds, macvlanModes } from '../../wire/netlink/link-kinds.ts'
import { createLink, type NewLink } from './links.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

const ETH_P_8021Q = 0x8100

/** What a VXLAN tunnel is told. It never learns from the wire: give it FDB entries. */
export interface NewVxlan extends NewLink {
  /** 1 to 16777215. */
  readonly vni: number
  /** Address of the near end, of either family. */
  readonly local?: string
  /** UDP port, 4789 unless told. */
  readonly port?: number
  /** Index of the interface that it sends through. */
  readonly underlay?: number
  /** Whether it takes FDB entries from what it hears; false unless told. */
  readonly learning?: boolean
  /** Answers ARP and NDP itself from its neighbour entries. */
  readonly proxy?: boolean
  readonly missL2?: boolean
  readonly missL3?: boolean
}

/** Makes a VXLAN tunnel. @returns its index */
export function createVxlan(netlink: NetlinkSocket, spec: NewVxlan): number {
  const { vni, local, port = 4789, underlay, learning = false, proxy = false, missL2 = false, missL3 = false } = spec
  const data = linkKinds.vxlan.encode({
    id: vni,
    ...(underlay !== undefined && { underlay }),
    ...(local !== undefined && (local.includes(':') ? { local6: local } : { local })),
    learning: Number(learning),
    proxy: Number(proxy),
    missL2: Number(missL2),
    missL3: Number(missL3),
    port,
  })
  return createLink(netlink, { ...spec, kind: 'vxlan', data })
}

/** Makes a macvlan on `parent`, by index, which may be in the caller's namespace while the new link goes to another. @returns its index, 0 in another namespace */
export function createMacvlan(
  netlink: NetlinkSocket,
  spec: NewLink & { readonly parent: number; readonly mode: keyof typeof macvlanModes },
): number {
  return createLink(netlink, {
    ...spec,
    kind: 'macvlan',
    data: linkKinds.macvlan.encode({ mode: macvlanModes[spec.mode] }),
  })
}

/** Makes an ipvlan on `parent`, by index, as `createMacvlan` does. @returns its index, 0 in another namespace */
export function createIpvlan(
  netlink: NetlinkSocket,
  spec: NewLink & {
    readonly parent: number
    readonly mode: keyof typeof ipvlanModes
    readonly flag?: keyof typeof ipvlanFlags
  },
): number {
  const { mode, flag = 'bridge' } = spec
  const data = linkKinds.ipvlan.encode({ mode: ipvlanModes[mode], flags: ipvlanFlags[flag] })
  return createLink(netlink, { ...spec, kind: 'ipvlan', data })
}

/** Makes an 802.1Q sub-interface of `parent`, by index. @returns its index */
export function createVlan(
  netlink: NetlinkSocket,
  spec: NewLink & { readonly parent: number; readonly id: number },
): number {
  return createLink(netlink, {
    ...spec,
    kind: 'vlan',
    data: linkKinds.vlan.encode({ id: spec.id, protocol: ETH_P_8021Q }),
  })
}

/** Makes an interface that swallows what is sent. @returns its index */
export function createDummy(netlink: NetlinkSocket, spec: NewLink): number {
  return createLink(netlink, { ...spec, kind: 'dummy' })
}
