import type { ClusterNode } from '../../../cluster/model.ts'
import { networkFindings } from './compare-networks.ts'
import type { Finding, SharedFacts } from './facts.ts'

/** Milliseconds that clocks may be apart. */
const clocksApartMs = 5_000

/** Compares all that is known of networks that hosts share: what differs, in sentences, with what to do. Pure. */
export function compareShared(facts: SharedFacts): readonly Finding[] {
  return [
    ...storeFindings(facts),
    ...selfFindings(facts),
    ...nodeFindings(facts.nodes),
    ...clockFindings(facts),
    ...quarantineFindings(facts),
    ...facts.networks.flatMap((network) => networkFindings(network, facts)),
  ]
}

function storeFindings({ status: { reachable, since, reason, revision } }: SharedFacts): Finding[] {
  if (reachable) return []
  const what = `etcd is out of reach since ${since}: ${reason}; compared is what it had at revision ${revision}`
  return [{ network: '', what, remedy: 'nothing runs worse for it, but nothing new can be shared: bring etcd back' }]
}

/** Tunnels send from that address, and nothing leaves from one that is not there. */
function selfFindings({ self: { address }, isAddressHere }: SharedFacts): Finding[] {
  if (isAddressHere) return []
  const what = `no interface of this host has ${address}, the address that it is known by to the others`
  return [{ network: '', what, remedy: 'give it back, or start the engine anew: containers run on meanwhile' }]
}

function nodeFindings(nodes: readonly ClusterNode[]): Finding[] {
  const doubles = [...Map.groupBy(nodes, ({ address }) => address)].filter(([, all]) => all.length > 1)
  return doubles.map(([address, all]) => ({
    network: '',
    what: `hosts ${all.map(({ name }) => name).join(' and ')} have one address, ${address}`,
    remedy: 'give each its own with --cluster-advertise; remove one that is gone: wharf node rm …',
  }))
}

/** Nothing here depends on clocks, but certificates and whoever reads logs do. */
function clockFindings({ networks }: SharedFacts): Finding[] {
  const ahead = new Map(
    networks.flatMap(({ paths }) => paths.map(({ node, clockAheadMs }) => [node.name, clockAheadMs])),
  )
  return [...ahead].flatMap(([host, ms]) => {
    if (ms === undefined || Math.abs(ms) < clocksApartMs) return []
    const what = `the clock of host ${host} is ${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'ahead of' : 'behind'} this one's`
    return [
      { network: '', what, remedy: 'set both by NTP: certificates and times in logs depend on it, networks do not' },
    ]
  })
}

function quarantineFindings({ quarantined, networks }: SharedFacts): Finding[] {
  return quarantined.flatMap(({ endpoint, reason }) => {
    const network = networks.find(({ id }) => id === endpoint.networkId)
    if (network === undefined && networks.length > 0) return [] // of one that was not asked for
    const what = `container ${endpoint.containerName} is in quarantine: ${reason}`
    return [{ network: network?.name ?? '', what, remedy: 'connect it again: it gets another address' }]
  })
}
