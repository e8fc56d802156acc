import { readFileSync } from 'node:fs'
import { type Prefix, parseAddress, prefixOf } from './ipam/prefix.ts'

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

/** Blocks of one address each; what is none is left out. */
export function addressBlocks(addresses: readonly string[]): readonly Prefix[] {
  return addresses
    .map(parseAddress)
    .filter((address) => address !== undefined)
    .map((address) => prefixOf(address, address.family === 'ipv4' ? 32 : 128))
}
