import { BlockList, isIP } from 'node:net'
import { isLoopbackRegistry } from '../names/references.ts'

/**
 * Whether a registry may be spoken to without TLS, or without a valid certificate.
 *
 * Those of loopback may. A block of the list counts for registries that are named by an address; names are not looked up.
 *
 * @param domain  `"registry.test:5000"`, `"10.0.0.9"`, `"[fd00::9]:5000"`
 * @param insecure  names as `domain` has them, and blocks: `"10.0.0.0/8"`
 */
export function isInsecure(domain: string, insecure: readonly string[]): boolean {
  if (isLoopbackRegistry(domain) || insecure.includes(domain)) return true
  const address = domain.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  const version = isIP(address)
  if (version === 0) return insecure.includes(address)
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const blocks = new BlockList()
  for (const [network, length] of insecure.map((each) => each.split('/') as [string, string?]))
    if (length !== undefined && isIP(network) === version) blocks.addSubnet(network, Number(length), family)
  return blocks.check(address, family) || insecure.includes(address)
}
