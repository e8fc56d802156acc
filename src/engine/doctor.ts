import { KernelFeatures } from '../kernel/host/features.ts'
import type { ForeignDrop } from '../kernel/host/host-firewall.ts'
import { type HostNetwork, inspectHostNetwork } from '../kernel/host/host-network.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import type { ShadowedSubnet } from '../network/networking.ts'
import type { DoctorCheck } from '../protocol/system.ts'

/** Names of the tables that the engine owns. */
const ownTables: ReadonlySet<string> = new Set(['wharf'])

/**
 * Looks at what this kernel and this host can do for containers, and at what would disturb them.
 *
 * Changes nothing: probes run in throw-away namespaces, the host is only read.
 */
export function examineHost(namespace: NetworkNamespace): readonly DoctorCheck[] {
  using netlink = new NetlinkSocket(namespace)
  // No pools are asked for: subnets are chosen around the host's routes anyway.
  const host = inspectHostNetwork({ namespace, netlink, ownTables, pools: [] })
  return [...kernelChecks(new KernelFeatures()), ...forwardingChecks(host), ...firewallChecks(host)]
}

/** Says of each route of the host that takes packets away from a network. Pure. */
export function shadowChecks(shadows: readonly ShadowedSubnet[]): readonly DoctorCheck[] {
  return shadows.map(({ network, subnet, route, device, table }) => {
    const detail = `route ${route}${device && ` by ${device}`} (table ${table}) hides ${subnet} of network ${network}`
    const remedy = 'make the network again: it will be given another subnet; or let the route spare this one'
    return { name: 'shadowed network', status: 'warning', detail, remedy }
  })
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

function forwardingChecks({ forwarding, bridgeCallsIptables }: HostNetwork): DoctorCheck[] {
  const off = 'off; the engine switches it on with the first bridge network'
  const forwards: DoctorCheck = {
    name: 'ip_forward',
    status: 'ok',
    detail: forwarding.ipv4 ? 'packets are forwarded' : off,
  }
  if (bridgeCallsIptables.ipv4 !== true) return [forwards]
  const detail = 'iptables sees what containers of one network say to each other'
  const remedy = 'sysctl net.bridge.bridge-nf-call-iptables=0, unless something else needs it'
  return [forwards, { name: 'bridge-nf-call-iptables', status: 'warning', detail, remedy }]
}

function firewallChecks({ foreignTables, foreignDrops }: HostNetwork): DoctorCheck[] {
  const others = new Set(foreignTables.map(({ owner, family, table }) => `${family} ${table} (${owner})`))
  const detail = others.size === 0 ? 'none: no table but our own' : [...others].join(', ')
  return [{ name: 'other firewalls', status: 'ok', detail }, ...foreignDrops.map(dropCheck)]
}

function dropCheck({ family, table, chain, owner, by, verdict }: ForeignDrop): DoctorCheck {
  return {
    name: 'dropped traffic',
    status: 'warning',
    detail: `${family} ${table} ${chain} (${owner}): the ${by} ${verdict}s what containers send and get`,
    remedy: `let it accept what goes to and from the bridges: nft add rule ${family} ${table} ${chain} …`,
  }
}
