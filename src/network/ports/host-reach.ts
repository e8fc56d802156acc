import { type ForeignBarrier, foreignBarriers, type PacketWay } from '../../kernel/host/host-firewall.ts'
import { listAllAddresses } from '../../kernel/netlink/addresses.ts'
import { listLinks } from '../../kernel/netlink/links.ts'
import type { NftObject } from '../../kernel/nftables.ts'
import { readSysctl } from '../../kernel/sysctl.ts'
import { tableName } from '../firewall/ruleset.ts'
import type { Family } from '../ipam/prefix.ts'
import type { PublishedPort } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { PortWish } from '../networking.ts'
import { planSandbox } from '../sandbox/sandbox-plan.ts'
import { anyAddress } from './any-address.ts'
import { type Barrier, type PortReach, planReach, type ReachFacts } from './reach.ts'

const ours = new Set([tableName])
const nftFamilies: Readonly<Record<Family, readonly string[]>> = { ipv4: ['ip', 'inet'], ipv6: ['ip6', 'inet'] }

/** From where a container's published ports are reached now. Looks at the host; changes nothing. */
export function reachOf(parts: NetworkParts, containerId: string): readonly PortReach[] {
  const sandbox = parts.table.sandbox(containerId)
  if (sandbox?.wish.mode.kind !== 'own') return []
  const { target } = planSandbox(parts, sandbox, parts.table.endpointsOfContainer(containerId))
  return planReach(target === undefined ? sandbox.wish.ports.map(wished) : sandbox.ports, target, factsOf(parts))
}

/** A wish that could not be granted, in the form of a port. */
function wished({ protocol, containerPort, hostAddress, hostPorts }: PortWish): PublishedPort {
  return { protocol, containerPort, hostAddress: hostAddress || anyAddress.ipv4, hostPort: hostPorts.from }
}

function factsOf({ config, firewall, host, hostNamespace, nft }: NetworkParts): ReachFacts {
  const ruleset = nft.list('list ruleset', { terse: true })
  const bridges = new Set(
    Array.from(firewall.elements)
      .filter(({ set }) => set === 'bridges')
      .map(({ key }) => key.replaceAll('"', '')),
  )
  const outside = new Set(
    listLinks(host)
      .filter(({ name }) => name !== 'lo' && !bridges.has(name))
      .map(({ index }) => index),
  )
  const isOn = (name: string) => readSysctl(hostNamespace, name) === '1'
  return {
    hostAddresses: listAllAddresses(host)
      .filter(({ index, address }) => outside.has(index) && !/^fe[89ab]/i.test(address))
      .map(({ address }) => address),
    forwarding: { ipv4: isOn('net.ipv4.ip_forward'), ipv6: isOn('net.ipv6.conf.all.forwarding') },
    forwardDrop: barriers(ruleset, 'forwarded'),
    inputDrop: barriers(ruleset, 'delivered'),
    obeyInput: config.publishedPortsObeyInput,
  }
}

function barriers(ruleset: readonly NftObject[], way: PacketWay): ReachFacts['forwardDrop'] {
  const found = foreignBarriers(ruleset, ours, way)
  const of = (family: Family) => worst(found.filter((one) => nftFamilies[family].includes(one.family)))
  const [ipv4, ipv6] = [of('ipv4'), of('ipv6')]
  return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
}

function worst(found: readonly ForeignBarrier[]): Barrier | undefined {
  const one = found.find(({ hasExceptions }) => !hasExceptions) ?? found[0]
  if (one === undefined) return undefined
  const { family, table, chain, owner, hasExceptions } = one
  return { where: `${family} ${table} ${chain}${owner === 'unknown' ? '' : ` (${owner})`}`, hasExceptions }
}
