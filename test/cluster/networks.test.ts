import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sharedAddressing } from '../../src/network/ipam/shared-addressing.ts'
import { createNode, endpointDraft, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

const overlap = 'invalid pool request: Pool overlaps with other one on this address space'

test('Cluster.createNetwork() on two nodes at once refuses one of two overlapping subnets, and one of two equal names', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  for (let round = 0; round < 5; round++) {
    const overlapping = await Promise.allSettled([
      one.createNetwork(networkDraft(`wide${round}`, { subnets: [{ subnet: `10.${round}.0.0/16` }] })),
      two.createNetwork(networkDraft(`small${round}`, { subnets: [{ subnet: `10.${round}.7.0/24` }] })),
    ])
    assert.deepEqual(
      overlapping.flatMap((it) => (it.status === 'rejected' ? [it.reason.message] : [])),
      [overlap],
    )
    const named = await Promise.allSettled([one, two].map((node) => node.createNetwork(networkDraft(`same${round}`))))
    const refused = named.flatMap((it) => (it.status === 'rejected' ? [`${it.reason.kind} ${it.reason.message}`] : []))
    assert.deepEqual(refused, [`conflict network with name same${round} already exists`])
  }
  await eventually(async () => [one.networks().length, two.networks().length], [10, 10])
  assert.deepEqual(one.networks(), two.networks())
  assert.equal(new Set(one.networks().map(({ vni }) => vni)).size, 10)
  assert.equal(new Set(one.networks().flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet))).size, 10)
})

test('Cluster.createNetwork() gives an identifier that was asked for, and refuses when it, or all, are taken', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', { vnis: { first: 4096, last: 4098 } })
  const cluster = await a.open()
  assert.equal((await cluster.createNetwork(networkDraft('n1', { vni: 4097 }))).vni, 4097)
  assert.equal((await cluster.createNetwork(networkDraft('n2'))).vni, 4096)
  // Somebody else has marked the last one as taken.
  await etcd.ctl('put', '/wharf/test/taken/vni/4098', 'not ours')
  const cannot = (name: string) => `Cannot create network "${name}": `
  await assert.rejects(cluster.createNetwork(networkDraft('n3', { vni: 4097 })), {
    kind: 'invalid-argument',
    message: `${cannot('n3')}VXLAN id 4097 is in use by network "n1"`,
  })
  await assert.rejects(cluster.createNetwork(networkDraft('n3')), {
    kind: 'invalid-argument',
    message: `${cannot('n3')}all VXLAN ids from 4096 to 4098 are in use`,
  })
  await assert.rejects(cluster.createNetwork(networkDraft('n3', { vni: 2 ** 24 })), /is not between 1 and 16777215$/)
  await cluster.removeNetwork(cluster.networks()[1]!.id)
  assert.equal((await cluster.createNetwork(networkDraft('n3'))).vni, 4096)
})

test('a subnet that is chosen keeps away from the hosts’ own addresses, one that is asked for need not', () => {
  const { planSubnets } = sharedAddressing(Buffer.alloc(32))
  const plan = (subnets: readonly { subnet: string }[]) =>
    planSubnets({ subnets, enableIPv4: true, enableIPv6: false }, ['10.0.1.0/24'], ['10.0.0.9', '192.0.2.1', 'fd00::1'])
  assert.deepEqual(plan([]), [{ subnet: '10.0.2.0/24', gateway: '10.0.2.1' }])
  assert.deepEqual(plan([{ subnet: '10.0.0.0/24' }]), [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }])
})

test('Cluster.removeNetwork() while the last endpoints leave succeeds, or names who is in the way', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'alpha')
  await using b = createNode(etcd, 'beta')
  const [one, two] = [await a.open(), await b.open()]
  for (let round = 0; round < 20; round++) {
    const { id } = await one.createNetwork(networkDraft(`net${round}`))
    await eventually(async () => two.network(id) !== undefined, true)
    const made = await two.reserveEndpoint(endpointDraft(id, 'web'))
    const leaving = two.releaseEndpoint(made.id)
    // At every moment around that at which etcd hears of it.
    await sleep(round / 4)
    const [removed] = await Promise.allSettled([one.removeNetwork(id), leaving])
    if (removed.status === 'fulfilled') continue
    assert.match(removed.reason.message, /has active endpoints \(name:"web" id:"[0-9a-f]{12}" host:"beta"\)$/)
    await one.removeNetwork(id)
  }
})

test('Cluster.removeNetwork() names host and container of a network that is in use elsewhere', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'alpha')
  await using b = createNode(etcd, 'beta')
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  await eventually(async () => two.networks().length, 1)
  const made = await two.reserveEndpoint(endpointDraft(id, 'web'))
  await assert.rejects(one.removeNetwork(id), {
    kind: 'forbidden',
    message: `error while removing network: network net has active endpoints (name:"web" id:"${made.containerId.slice(0, 12)}" host:"beta")`,
  })
  await two.releaseEndpoint(made.id)
  await one.removeNetwork(id)
  await assert.rejects(one.removeNetwork(id), { kind: 'not-found' })
  await assert.rejects(two.reserveEndpoint(endpointDraft(id, 'late')), { kind: 'not-found' })
  assert.deepEqual(two.ownEndpoints(), [])
})

test('Cluster.reserveEndpoint() refuses an address that is taken and a full subnet in the words of Docker', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  const subnets = [{ subnet: '10.9.0.0/29' }, { subnet: 'fd00:9::/64' }]
  const { id, vni } = await one.createNetwork(networkDraft('net', { subnets, enableIPv6: true }))
  assert.equal(vni, 4096)
  await eventually(async () => two.networks().length, 1)
  const fixed = await one.reserveEndpoint(endpointDraft(id, 'fixed', { ipv4: '10.9.0.4', ipv6: 'fd00:9::7' }))
  assert.deepEqual([fixed.ipv4, fixed.ipv6, fixed.mac], ['10.9.0.4/29', 'fd00:9::7/64', '02:42:0a:09:00:04'])
  const inUse = { kind: 'forbidden', message: 'Address already in use' }
  const draft = endpointDraft(id, 'second', { ipv4: '10.9.0.4' })
  await assert.rejects(two.reserveEndpoint(draft), inUse)
  await assert.rejects(two.reserveEndpoint(endpointDraft(id, 'second', { ipv6: 'fd00:9::7' })), inUse)
  await assert.rejects(one.reserveEndpoint(endpointDraft(id, 'gateway', { ipv4: '10.9.0.1' })), inUse)
  // .0 network, .1 gateway, .4 fixed, .7 broadcast: four are left, for both nodes together.
  await Promise.all([1, 2, 3, 4].map((n) => [one, two][n % 2]!.reserveEndpoint(endpointDraft(id, `c${n}`))))
  await eventually(async () => [one.endpoints(id).length, two.endpoints(id).length], [5, 5])
  const full = { kind: 'internal', message: `no available IPv4 addresses on this network's address pools: net (${id})` }
  await assert.rejects(two.reserveEndpoint(endpointDraft(id, 'more')), full)
  await one.releaseEndpoint(fixed.id)
  await eventually(async () => two.endpoints(id).length, 4)
  assert.equal((await two.reserveEndpoint(draft)).ipv4, '10.9.0.4/29')
})

test('Cluster.reserveEndpoint() gives an address that its owner elsewhere has given up this very moment', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const nodes = [await a.open(), await b.open()]
  const subnets = [{ subnet: '10.0.0.0/29' }, { subnet: '10.0.1.0/29' }]
  const { id } = await nodes[0]!.createNetwork(networkDraft('net', { subnets }))
  await eventually(async () => nodes[1]!.networks().length, 1)
  for (let round = 0; round < 20; round++) {
    const node = nodes[round % 2]!
    const made = await node.reserveEndpoint(endpointDraft(id, 'mover', { ipv4: '10.0.1.5' }))
    assert.equal(made.ipv4, '10.0.1.5/29')
    await node.releaseEndpoint(made.id)
  }
  const kept = await nodes[0]!.reserveEndpoint(endpointDraft(id, 'mover', { ipv4: '10.0.0.2' }))
  for (const node of nodes) {
    const draft = endpointDraft(id, 'other', { ipv4: '10.0.0.2' })
    await assert.rejects(node.reserveEndpoint(draft), { kind: 'forbidden', message: 'Address already in use' })
    assert.notEqual((await node.reserveEndpoint(endpointDraft(id, 'next'))).ipv4, kept.ipv4)
  }
})
