import type { ClusterNode, SharedEndpoint } from '../../../cluster/model.ts'
import { bareAddress } from '../../ipam/prefix.ts'
import type { EndpointRecord } from '../../model.ts'
import type { Finding, NetworkFacts, SharedFacts } from './facts.ts'

const mending = 'nothing, if it is gone in half a minute: the engine mends it; if it comes back, find who changes it'
const waiting = 'the engine tells etcd when that is in reach; if it lasts with etcd in reach, restart the engine'

/** What differs on one network. Pure. */
export function networkFindings(facts: NetworkFacts, { self, nodes }: SharedFacts): Finding[] {
  const { name } = facts
  const hosts = new Map(nodes.map((node) => [node.id, node]))
  const holders = holdersOf(facts, hosts)
  const say = (what: string, remedy: string): Finding => ({ network: name, what, remedy })
  return [
    ...presence(facts, say),
    ...ownEndpoints(facts, self.id, say),
    ...doubles(facts, holders, say),
    ...hostsOf(facts, hosts, say),
    ...facts.differences.map(({ what, about }) => say(withHolder(what, about, holders), mending)),
    ...ways(facts, say),
  ]
}

type Say = (what: string, remedy: string) => Finding

function presence({ name, shared, isRecorded, records }: NetworkFacts, say: Say): Finding[] {
  if (shared === undefined) {
    const held = records.map(({ containerName }) => containerName).join(', ')
    return [
      say(
        `etcd does not have network ${name}, which ${held || 'this host'} still has`,
        `take containers off it; it goes with the last: wharf network disconnect ${name} …`,
      ),
    ]
  }
  return isRecorded
    ? []
    : [say(`etcd has network ${name}, this host has no record of it`, 'restart the engine, which takes it up')]
}

/** This host's records and etcd's endpoints of this host. */
function ownEndpoints({ endpoints, records, shared }: NetworkFacts, selfId: string, say: Say): Finding[] {
  if (shared === undefined) return []
  const inEtcd = new Map(endpoints.filter(({ nodeId }) => nodeId === selfId).map((one) => [one.id, one]))
  const recorded = new Set(records.map(({ id }) => id))
  const ghosts = [...inEtcd.values()].filter(({ id }) => !recorded.has(id))
  return [
    ...records.flatMap((record) => {
      const known = inEtcd.get(record.id)
      if (known === undefined)
        return [
          say(`etcd does not know container ${record.containerName} (${addresses(record)}) of this host`, waiting),
        ]
      const same = known.ipv4 === record.ipv4 && known.ipv6 === record.ipv6 && known.mac === record.mac
      if (same) return []
      const both = `${addresses(known)} ${known.mac} in etcd, ${addresses(record)} ${record.mac} on this host`
      return [say(`container ${record.containerName} has ${both}`, `disconnect it and connect it again`)]
    }),
    ...ghosts.map((one) =>
      say(
        `etcd says that container ${one.containerName} (${addresses(one)}) is on this host, where it is not`,
        waiting,
      ),
    ),
  ]
}

function doubles({ endpoints }: NetworkFacts, holders: ReadonlyMap<string, string>, say: Say): Finding[] {
  const claims = endpoints.flatMap((one) => listed(one).map((address) => ({ address, id: one.id })))
  return [...Map.groupBy(claims, ({ address }) => address)].flatMap(([address, all]) => {
    if (all.length < 2) return []
    const who = all.map(({ id }) => holders.get(id)).join(' and ')
    return [say(`${address} is the address of ${who}`, 'disconnect one of them, and connect it again')]
  })
}

/** Hosts that hold endpoints: whether anybody knows them, they live, and their wire carries what the network sends. */
function hostsOf({ endpoints, shared }: NetworkFacts, hosts: ReadonlyMap<string, ClusterNode>, say: Say): Finding[] {
  return [...Map.groupBy(endpoints, ({ nodeId }) => nodeId)].flatMap(([id, held]) => {
    const host = hosts.get(id)
    const count = `${held.length} ${held.length === 1 ? 'endpoint' : 'endpoints'}`
    if (host === undefined)
      return [say(`${count} of node ${id.slice(0, 12)}, which etcd does not know`, `wharf node rm ${id}`)]
    const dead =
      host.state === 'dead'
        ? [
            say(
              `host ${host.name} is dead and holds ${count}`,
              `start its engine, or give it up: wharf node rm ${host.name}`,
            ),
          ]
        : []
    if (shared === undefined || host.mtu >= shared.mtu) return dead
    const what = `the wire of host ${host.name} carries ${host.mtu} bytes, the network was made for ${shared.mtu}`
    return [...dead, say(what, 'raise the MTU of its interface, or make the network again')]
  })
}

function ways({ paths }: NetworkFacts, say: Say): Finding[] {
  return paths.flatMap(({ node: { name, address, state: life }, state, since }) => {
    const host = `host ${name} (${address})`
    if (state.kind === 'lost') {
      const engine = life === 'alive' || life === 'unknown' ? '' : `, whose engine is ${life}`
      const remedy =
        engine === ''
          ? `look whether ${address} is up and UDP port 4789 is let through both ways`
          : 'start its engine: without it nobody answers'
      return [say(`nothing comes back from ${host}${engine} since ${since}`, remedy)]
    }
    if (state.kind !== 'mtu') return []
    const what = `packets to ${host} get through up to ${state.passes} bytes, the network's have up to ${state.full}`
    return [
      say(
        what,
        `raise the MTU on the way to ${address} by ${state.full - state.passes} bytes, or make the network with a smaller one`,
      ),
    ]
  })
}

function holdersOf({ endpoints }: NetworkFacts, hosts: ReadonlyMap<string, ClusterNode>): ReadonlyMap<string, string> {
  const nameOf = (id: string) => hosts.get(id)?.name ?? id.slice(0, 12)
  return new Map([
    ...Array.from(hosts, ([id, { name }]) => [id, `host ${name}`] as const),
    ...endpoints.map(
      ({ id, containerName, nodeId }) => [id, `container ${containerName} on host ${nameOf(nodeId)}`] as const,
    ),
  ])
}

function withHolder(what: string, about: string | undefined, holders: ReadonlyMap<string, string>): string {
  const holder = about === undefined ? undefined : holders.get(about)
  return holder === undefined ? what : `${what} (${holder})`
}

function listed({ ipv4, ipv6 }: Pick<SharedEndpoint, 'ipv4' | 'ipv6'>): string[] {
  return [ipv4, ipv6].filter((cidr) => cidr !== undefined).map(bareAddress)
}

function addresses(one: Pick<EndpointRecord, 'ipv4' | 'ipv6'>): string {
  return listed(one).join(', ')
}
