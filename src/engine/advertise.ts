import { isIP } from 'node:net'
import { EngineError } from '../base/errors.ts'
import { listAllAddresses } from '../kernel/netlink/addresses.ts'
import { findLink } from '../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'

/** Where other hosts find this one. */
export interface Advertised {
  readonly address: string
  /** Bytes: of the interface that has the address. */
  readonly mtu: number
}

/**
 * Finds what `--cluster-advertise` names on this host: `IFACE` or `IP`, each with `:PORT`, which is not needed.
 *
 * @throws {EngineError} `invalid-argument` when no interface has it
 */
export function findAdvertised(netlink: NetlinkSocket, advertise: string): Advertised {
  const name = withoutPort(advertise)
  const refuse = (why: string): never => {
    throw new EngineError('invalid-argument', `Cannot advertise "${advertise}": ${why}`)
  }
  const addresses = listAllAddresses(netlink)
  if (isIP(name) !== 0) {
    const placed = addresses.find(({ address }) => address === name)
    return { address: name, mtu: placed ? mtuOf(netlink, placed.index) : refuse('no interface has that address') }
  }
  const link = findLink(netlink, name) ?? refuse('there is no such interface')
  const own = addresses.filter(({ index, address }) => index === link.index && !/^fe80:/i.test(address))
  const chosen = own.find(({ address }) => isIP(address) === 4) ?? own[0] ?? refuse('that interface has no address')
  return { address: chosen.address, mtu: link.mtu }
}

function mtuOf(netlink: NetlinkSocket, index: number): number {
  return findLink(netlink, index)!.mtu
}

/** `"eth1:2376"`, `"192.0.2.1:2376"` and `"[fd00::1]:2376"` without the port; a bare IPv6 address has none. */
function withoutPort(advertise: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(advertise) ?? []
  if (bracketed !== undefined) return bracketed
  return isIP(advertise) === 6 ? advertise : advertise.replace(/:\d+$/, '')
}

/** The port that `"eth1:2376"` names, for other programs to know; undefined: none. */
export function portOf(advertise: string): string | undefined {
  return isIP(advertise) === 6 ? undefined : /:(\d+)$/.exec(advertise)?.[1]
}
