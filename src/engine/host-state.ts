import { readdirSync, statfsSync } from 'node:fs'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { readSysctl } from '../kernel/sysctl.ts'

/** What changes while the engine runs. */
export interface HostState {
  /** The host passes IPv4 packets on, so that containers get out. */
  readonly forwarding: boolean
  /** Files, sockets and the like that the engine has open. */
  readonly openFiles: number
  /** Clients that hear of events just now. */
  readonly eventListeners: number
}

/** Looks at what changes while the engine runs. */
export function readHostState(host: NetworkNamespace, eventListeners: number): HostState {
  const forwarding = readSysctl(host, 'net.ipv4.ip_forward') === '1'
  return { forwarding, openFiles: readdirSync('/proc/self/fd').length - 1, eventListeners } // -1: to look takes one
}

/** @source include/uapi/linux/magic.h, xfs_super.h; the names that docker shows */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'extfs', // 0xEF53
  1481003842: 'xfs', // 0x58465342
  2435016766: 'btrfs', // 0x9123683E
  16914836: 'tmpfs', // 0x01021994
  2035054128: 'overlayfs', // 0x794C7630
  801189825: 'zfs', // 0x2FC12FC1
  4076150800: 'f2fs', // 0xF2F52010
}

/** What the file system of a directory is called: `"extfs"`, `"xfs"`, … */
export function fileSystemOf(dir: string): string {
  return fileSystems[statfsSync(dir).type] ?? '<unknown>'
}
