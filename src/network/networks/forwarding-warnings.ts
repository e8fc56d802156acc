import { readSysctl } from '../../kernel/sysctl.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'

/** Warns of a host that does not forward, where the settings leave that to its administrator. Docker's words. */
export function forwardingWarnings(
  { config, registry, hostNamespace }: NetworkParts,
  networks: readonly NetworkRecord[],
): readonly string[] {
  if (config.ipForward) return []
  const needed = networks.some(({ driver, internal }) => registry.driver(driver).traits.publishesPorts && !internal)
  return needed && readSysctl(hostNamespace, 'net.ipv4.ip_forward') !== '1'
    ? ['IPv4 forwarding is disabled. Networking will not work.']
    : []
}
