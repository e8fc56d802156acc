import { readFileSync } from 'node:fs'
import type { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import { listRoutes } from '../kernel/netlink/routes.ts'
import { listRules } from '../kernel/netlink/rules.ts'
import { occupiedByRoutes } from './ipam/pools.ts'
import { type Prefix, parseAddress, prefixOf } from './ipam/prefix.ts'

const mainTable = 254
/** Of the host's own addresses, which lie on subnets of the other tables. */
const localTable = 255

/** The host's own files, that containers' files are made from. */
export interface HostFiles {
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
  /** What systemd-resolved writes of the servers behind its stub. */
  readonly resolvConfBehindStub: string
}

/** Where Linux has them. */
export const hostFiles: HostFiles = {
  hosts: '/etc/hosts',
  hostname: '/etc/hostname',
  resolvConf: '/etc/resolv.conf',
  resolvConfBehindStub: '/run/systemd/resolve/resolv.conf',
}

/** The text of a file; empty when there is none. */
export function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Blocks that a new subnet must keep away from: where the host has routes to, and where its name servers are. */
export function occupiedBlocks(netlink: NetlinkSocket, nameservers: readonly string[]): readonly Prefix[] {
  const routes = askedTables(netlink).flatMap((table) => listRoutes(netlink, { table }).map(({ to }) => to))
  const servers = nameservers.map(parseAddress).filter((address) => address !== undefined)
  return [
    ...occupiedByRoutes(routes),
    ...servers.map((address) => prefixOf(address, address.family === 'ipv4' ? 32 : 128)),
  ]
}

/** The tables that some packets' ways are looked up in; the kernel lists one at a time much faster than all. */
function askedTables(netlink: NetlinkSocket): readonly number[] {
  const tables = listRules(netlink).flatMap(({ table }) => table ?? [])
  return [...new Set([mainTable, ...tables])].filter((table) => table !== localTable)
}
