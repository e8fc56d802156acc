import { readSysctl } from '../kernel/sysctl.ts'
import { findNetwork } from './find-network.ts'
import type { NetworkParts } from './network-parts.ts'
import type { AttachmentWish } from './networking.ts'

/** Warns of a host that does not forward, where the settings leave that to its administrator. Docker's words. */
export function forwardingWarnings(
  { config, table, registry, hostNamespace }: NetworkParts,
  attachments: readonly AttachmentWish[],
): readonly string[] {
  if (config.ipForward) return []
  const needed = attachments.some((wish) => {
    const { driver, internal } = findNetwork(table, wish.network)
    return registry.driver(driver).traits.publishesPorts && !internal
  })
  return needed && readSysctl(hostNamespace, 'net.ipv4.ip_forward') !== '1'
    ? ['IPv4 forwarding is disabled. Networking will not work.']
    : []
}
