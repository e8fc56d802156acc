import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterNode, SharedEndpoint, SharedNetwork } from '../../../cluster/model.ts'
import type { EndpointRecord } from '../../model.ts'
import { type PathState, untried } from '../paths/path-state.ts'
import { compareShared } from './compare.ts'
import type { NetworkFacts, SharedFacts } from './facts.ts'

const node = (number: number, more: Partial<ClusterNode> = {}): ClusterNode => ({
  ...{ id: `node${number}`, name: `host${number}`, address: `192.0.2.${number}`, mtu: 1500, state: 'alive' },
  engineVersion: '1',
  ...more,
})
const endpoint = (number: number, host: number, more: Partial<SharedEndpoint> = {}): SharedEndpoint => ({
  ...{
    id: `e${number}`,
    networkId: 'n',
    nodeId: `node${host}`,
    containerId: `k${number}`,
    containerName: `c${number}`,
  },
  ...{ mac: `02:42:0a:01:00:0${number}`, ipv4: `10.1.0.${number}/24`, dnsNames: [], aliases: [], ...more },
})
const path = (host: number, state: Partial<PathState>, clockAheadMs?: number) => ({
  ...{ node: node(host), state: { ...untried(1450), ...state }, since: 'noon', clockAheadMs },
})
const network: NetworkFacts = {
  ...{ id: 'n', name: 'net', shared: { id: 'n', mtu: 1500 } as SharedNetwork, isRecorded: true, isJoined: true },
  endpoints: [endpoint(2, 1), endpoint(3, 2)],
  records: [endpoint(2, 1) as unknown as EndpointRecord],
  differences: [],
  paths: [path(2, { kind: 'ok', passes: 1450 }, 3)],
}
const facts: SharedFacts = {
  self: node(1),
  isAddressHere: true,
  status: { reachable: true, since: 'morning', reason: '', members: [], revision: 7 },
  nodes: [node(1), node(2)],
  networks: [network],
  quarantined: [],
}

function found(more: Partial<SharedFacts>): string[] {
  return compareShared({ ...facts, ...more }).map((one) =>
    one.network === '' ? one.what : `${one.network}: ${one.what}`,
  )
}

function foundOn(more: Partial<NetworkFacts>): string[] {
  return found({ networks: [{ ...network, ...more }] })
}

test('compareShared() finds nothing where all sides agree', () => {
  assert.deepEqual(compareShared(facts), [])
})

test('compareShared() says that etcd is away, or the own address, and compares what is known', () => {
  const status = { ...facts.status, reachable: false, reason: 'no answer' }
  assert.deepEqual(found({ status, nodes: [node(1), node(2, { address: '192.0.2.1' })] }), [
    'etcd is out of reach since morning: no answer; compared is what it had at revision 7',
    'hosts host1 and host2 have one address, 192.0.2.1',
  ])
  assert.deepEqual(found({ isAddressHere: false }), [
    'no interface of this host has 192.0.2.1, the address that it is known by to the others',
  ])
})

test('compareShared() names hosts whose clocks are apart, are dead, unknown or have a smaller wire', () => {
  const hour = 3_600_000
  const networks = [{ ...network, paths: [path(2, { kind: 'ok' }, -2 * hour)] }]
  assert.deepEqual(found({ networks }), ["the clock of host host2 is 7200 s behind this one's"])
  assert.deepEqual(found({ nodes: [node(1), node(2, { state: 'dead' })] }), [
    'net: host host2 is dead and holds 1 endpoint',
  ])
  assert.deepEqual(found({ nodes: [node(1)] }), ['net: 1 endpoint of node node2, which etcd does not know'])
  assert.deepEqual(found({ nodes: [node(1), node(2, { mtu: 1400 })] }), [
    'net: the wire of host host2 carries 1400 bytes, the network was made for 1500',
  ])
})

test('compareShared() compares the records of this host with etcd, both ways', () => {
  assert.deepEqual(foundOn({ shared: undefined, endpoints: [] }), [
    'net: etcd does not have network net, which c2 still has',
  ])
  assert.deepEqual(foundOn({ isRecorded: false }), ['net: etcd has network net, this host has no record of it'])
  assert.deepEqual(foundOn({ endpoints: [endpoint(3, 2)] }), [
    'net: etcd does not know container c2 (10.1.0.2) of this host',
  ])
  assert.deepEqual(foundOn({ records: [] }), [
    'net: etcd says that container c2 (10.1.0.2) is on this host, where it is not',
  ])
  assert.deepEqual(foundOn({ endpoints: [endpoint(2, 1, { ipv4: '10.1.0.9/24' })] }), [
    'net: container c2 has 10.1.0.9 02:42:0a:01:00:02 in etcd, 10.1.0.2 02:42:0a:01:00:02 on this host',
  ])
})

test('compareShared() names both who have one address, and who is in quarantine', () => {
  const endpoints = [endpoint(2, 1), endpoint(3, 2, { ipv4: '10.1.0.2/24' })]
  assert.deepEqual(foundOn({ endpoints }), [
    'net: 10.1.0.2 is the address of container c2 on host host1 and container c3 on host host2',
  ])
  const quarantined = [{ endpoint: endpoint(2, 1), reason: '10.1.0.2 is another’s now' }]
  assert.deepEqual(found({ quarantined }), ['net: container c2 is in quarantine: 10.1.0.2 is another’s now'])
})

test('compareShared() says whom a difference in the kernel keeps from being reached, and what heartbeats tell', () => {
  const differences = [
    { what: 'tunnel vx1 is gone' },
    { what: 'no entry', about: 'e3' },
    { what: 'no way', about: 'node2' },
  ]
  assert.deepEqual(foundOn({ differences }), [
    'net: tunnel vx1 is gone',
    'net: no entry (container c3 on host host2)',
    'net: no way (host host2)',
  ])
  assert.deepEqual(foundOn({ paths: [path(2, { kind: 'lost' })] }), [
    'net: nothing comes back from host host2 (192.0.2.2) since noon',
  ])
  const dead = { ...path(2, { kind: 'lost' }), node: node(2, { state: 'lost' }) }
  assert.deepEqual(foundOn({ paths: [dead] }), [
    'net: nothing comes back from host host2 (192.0.2.2), whose engine is lost since noon',
  ])
  assert.deepEqual(foundOn({ paths: [path(2, { kind: 'mtu', passes: 1354 })] }), [
    "net: packets to host host2 (192.0.2.2) get through up to 1354 bytes, the network's have up to 1450",
  ])
})
