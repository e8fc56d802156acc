import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../../cluster/cluster.ts'
import { listAllAddresses } from '../../../kernel/netlink/addresses.ts'
import type { Difference } from '../../driver.ts'
import type { NetworkRecord } from '../../model.ts'
import type { NetworkParts } from '../../network-parts.ts'
import type { JoinedNetworks } from '../joined-networks.ts'
import type { NetworkPath } from '../paths/network-paths.ts'
import { compareShared } from './compare.ts'
import type { Finding, NetworkFacts, SharedFacts } from './facts.ts'

/** Milliseconds in which what was under way comes to its end. */
const settleMs = 500

/** What an examination looks at. */
export interface SharedSides {
  readonly parts: Pick<NetworkParts, 'table' | 'drivers' | 'locks'>
  readonly cluster: Cluster
  readonly joined: Pick<JoinedNetworks, 'has'>
  readonly paths: (networkId: string) => readonly NetworkPath[]
}

/** What an examination has found, and what it has looked at. */
export interface SharedReport {
  readonly facts: SharedFacts
  readonly findings: readonly Finding[]
}

/**
 * Compares etcd, this host's records, the kernel and the heartbeats. Changes nothing; works without etcd.
 *
 * What differs is looked at twice: what is only under way is no finding.
 *
 * @param networkId of the one to look at; undefined: all
 */
export async function examineShared(sides: SharedSides, networkId?: string): Promise<SharedReport> {
  const first = await gather(sides, networkId)
  const suspicions = compareShared(first)
  if (suspicions.length === 0) return { facts: first, findings: [] }
  await sleep(settleMs)
  const facts = await gather(sides, networkId)
  const before = new Set(suspicions.map(keyOf))
  return { facts, findings: compareShared(facts).filter((finding) => before.has(keyOf(finding))) }
}

function keyOf({ network, what }: Finding): string {
  return `${network}\n${what}`
}

async function gather(sides: SharedSides, networkId?: string): Promise<SharedFacts> {
  const { cluster, parts } = sides
  const records = parts.table.networks().filter(({ shared }) => shared !== undefined)
  const ids = new Set([...cluster.networks(), ...records].map(({ id }) => id))
  const networks: NetworkFacts[] = []
  for (const id of ids) if (networkId === undefined || networkId === id) networks.push(await gatherNetwork(sides, id))
  return {
    self: cluster.self,
    isAddressHere: listAllAddresses(parts.drivers.context.host).some(({ address }) => address === cluster.self.address),
    status: cluster.status(),
    nodes: cluster.nodes(),
    networks: networks.sort((a, b) => (a.name < b.name ? -1 : 1)),
    quarantined: cluster.quarantined(),
  }
}

async function gatherNetwork({ parts, cluster, joined, paths }: SharedSides, id: string): Promise<NetworkFacts> {
  using _ = await parts.locks.acquire(`shared ${id}`) // nobody changes the kernel's part meanwhile
  const record = parts.table.network(id)
  const shared = cluster.network(id)
  return {
    id,
    name: shared?.name ?? record?.name ?? id,
    shared,
    isRecorded: record !== undefined,
    isJoined: joined.has(id),
    endpoints: cluster.endpoints(id),
    records: parts.table.endpointsOfNetwork(id),
    differences: record !== undefined && joined.has(id) ? look(parts, record) : [],
    paths: paths(id),
  }
}

/** What cannot even be looked at differs, too. */
function look({ drivers }: SharedSides['parts'], record: NetworkRecord): readonly Difference[] {
  try {
    return drivers.examine(record)
  } catch (error) {
    return [{ what: `its part in the kernel cannot be read: ${(error as Error).message}` }]
  }
}
