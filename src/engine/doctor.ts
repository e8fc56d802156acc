import { KernelFeatures } from '../kernel/host/features.ts'
import { foreignDrops, foreignTables } from '../kernel/host/host-firewall.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NftContext } from '../kernel/nftables.ts'
import { readSysctl } from '../kernel/sysctl.ts'
import type { DoctorCheck } from '../protocol/system.ts'

/** Tables that the engine owns: `family table`. */
const ownTables: ReadonlySet<string> = new Set(['inet wharf', 'bridge wharf'])

/**
 * Looks at what this kernel and this host can do for containers, and at what would disturb them.
 *
 * Changes nothing: probes run in throw-away namespaces, the host is only read.
 */
export function examineHost(host: NetworkNamespace): readonly DoctorCheck[] {
  return [...kernelChecks(new KernelFeatures()), ...sysctlChecks(host), ...firewallChecks(host)]
}

function kernelChecks(features: KernelFeatures): DoctorCheck[] {
  return features
    .list()
    .map(({ name, purpose, supported, howToEnable, reason }) =>
      supported
        ? { name, status: 'ok', detail: purpose }
        : { name, status: 'warning', detail: `${purpose}: ${reason}`, remedy: howToEnable },
    )
}

function sysctlChecks(host: NetworkNamespace): DoctorCheck[] {
  const forwards = readSysctl(host, 'net.ipv4.ip_forward') === '1'
  const detail = forwards ? 'packets are forwarded' : 'off; the engine switches it on with the first bridge network'
  return [{ name: 'ip_forward', status: 'ok', detail }]
}

function firewallChecks(host: NetworkNamespace): DoctorCheck[] {
  using nft = new NftContext(host)
  const ruleset = nft.list('list ruleset')
  const tables = foreignTables(ruleset, ownTables)
  const drops = foreignDrops(ruleset, ownTables)
  const others = [...new Set(tables.map(({ owner, family, table }) => `${family} ${table} (${owner})`))].join(', ')
  const seen: DoctorCheck = {
    name: 'other firewalls',
    status: 'ok',
    detail: others === '' ? 'none: no table but our own' : others,
  }
  return [seen, ...drops.map(dropCheck)]
}

function dropCheck({ family, table, chain, owner, by, verdict }: ReturnType<typeof foreignDrops>[number]): DoctorCheck {
  return {
    name: 'dropped traffic',
    status: 'warning',
    detail: `${family} ${table} ${chain} (${owner}): the ${by} ${verdict}s what containers send and get`,
    remedy: `let it accept what goes to and from the bridges: nft add rule ${family} ${table} ${chain} …`,
  }
}
