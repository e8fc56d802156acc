import { readFileSync, readlinkSync } from 'node:fs'

/**
 * Which running system this is: the same for every engine that is started on it, another after a reboot and on a copy
 * of the machine. The namespace belongs to it, so that hosts that are only namespaces differ too.
 *
 * @source Linux, Documentation/admin-guide/sysctl/kernel.rst, `random/boot_id`
 */
export function readBoot(): string {
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/net')}`
}
