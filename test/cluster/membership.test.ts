import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { createNode, cutOff, endpointDraft, endpointsOf, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

const quick = { timing: { leaseSeconds: 2, graceMs: 500 } }

test('Cluster tells of a node that goes: lost, dead after the grace period, alive again; its endpoints stay', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', quick)
  await using b = createNode(etcd, 'b', quick)
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await two.createNetwork(networkDraft('net'))
  await two.reserveEndpoint(endpointDraft(id, 'web'))
  await eventually(async () => one.nodes().map(({ name, state }) => `${name} ${state}`), ['a alive', 'b alive'])
  const states = () => a.changes.flatMap((one) => (one.type === 'node-state' ? [one.node.state] : []))
  {
    using _ = cutOff(b)
    await eventually(async () => states(), ['lost', 'dead'])
    await eventually(async () => two.nodes().map(({ name, state }) => `${name} ${state}`), ['a unknown', 'b unknown'])
    assert.deepEqual(endpointsOf(one, id), ['web 10.0.0.2/24'])
  }
  await eventually(async () => states(), ['lost', 'dead', 'alive'])
  await eventually(async () => two.status().reachable, true)
  assert.equal(
    b.changes.some(({ type }) => type === 'endpoint-removed'),
    false,
  )
})

test('openCluster() knows who was dead before, and gives no second grace period', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', quick)
  await using b = createNode(etcd, 'b', quick)
  const [one, two] = [await a.open(), await b.open()]
  const of = (cluster: Cluster) => () => Promise.resolve(cluster.node(two.self.id)?.state)
  await eventually(of(one), 'alive')
  await b.close()
  await eventually(of(one), 'dead')
  await a.close()
  const again = await a.open({ timing: { leaseSeconds: 2, graceMs: 600_000 } })
  assert.equal(await of(again)(), 'dead')
  await again.settled()
  assert.equal(await of(again)(), 'dead')
  await b.open()
  await eventually(of(again), 'alive')
  await b.close()
  await eventually(of(again), 'lost')
})

test('Cluster.removeNode() removes all that a dead node owned, refuses a live one, and a node that was removed by force comes back', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', quick)
  await using b = createNode(etcd, 'b', quick)
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  await eventually(async () => two.networks().length, 1)
  await Promise.all([1, 2, 3].map((n) => two.reserveEndpoint(endpointDraft(id, `c${n}`))))
  await assert.rejects(one.removeNode(two.self.id), {
    kind: 'conflict',
    message: `Cannot remove node "b" (${two.self.id.slice(0, 12)}): it is alive; end its engine first, or force the removal`,
  })
  await assert.rejects(one.removeNode(one.self.id), { kind: 'invalid-argument' })
  await assert.rejects(one.removeNode('0'.repeat(64)), { kind: 'not-found' })

  await one.removeNode(two.self.id, { force: true })
  await eventually(async () => one.nodes().map(({ name, state }) => `${name} ${state}`), ['a alive', 'b alive'])
  await eventually(async () => one.endpoints(id).length, 3)
  assert.deepEqual(two.quarantined(), [])

  await b.close()
  await eventually(async () => one.node(two.self.id)?.state, 'dead')
  await one.removeNode(two.self.id)
  await eventually(async () => [one.nodes().length, one.endpoints(id).length], [1, 0])
  const left = await etcd.ctl('get', '--prefix', '--keys-only', '/wharf/test/')
  assert.equal(left.includes(two.self.id) || left.includes('/taken/ip/'), false, left)

  // It comes back after its addresses went to others.
  const taken = await one.reserveEndpoint(endpointDraft(id, 'other', { ipv4: '10.0.0.2' }))
  const back = await b.open()
  await eventually(async () => one.endpoints(id).length, 3)
  await back.settled()
  assert.deepEqual(
    back.quarantined().map(({ reason }) => reason),
    ['address 10.0.0.2 belongs to "other" on a now'],
  )
  await one.releaseEndpoint(taken.id)
})

test('openCluster() refuses a copy of a machine whose node is in the cluster, and takes over from its own last engine', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', quick)
  await using b = createNode(etcd, 'b', quick)
  const one = await a.open()
  await assert.rejects(b.open({ self: { ...one.self, name: 'copy' } }), {
    kind: 'conflict',
    message:
      `Cannot join the cluster as "copy": another machine is in it with the same node id ${one.self.id.slice(0, 12)}: ` +
      'this one is a copy of it (a cloned machine); end the engine here, remove its data root, start it again',
  })
  assert.deepEqual(
    one.nodes().map(({ name }) => name),
    ['a'],
  )
  await a.close()
  const again = await a.open()
  assert.equal(again.status().reachable, true)
  // After the machine itself was started again, its old lease runs out first.
  await a.close()
  const rebooted = await a.open({ boot: 'another boot' })
  assert.equal(rebooted.status().reachable, true)
})

test('Cluster that is thrown out as soon as it has joined lists less and less often, and is back in the end', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', quick)
  await using b = createNode(etcd, 'b', quick)
  const [one, two] = [await a.open(), await b.open()]
  const joins = () => b.changes.filter((change) => change.type === 'status' && change.status.reachable).length
  const end = performance.now() + 4_000
  while (performance.now() < end) await etcd.ctl('del', `/wharf/test/nodereg/${two.self.id}`)
  assert.ok(joins() <= 6, `it joined ${joins()} times in 4 s`)
  await eventually(async () => one.node(two.self.id)?.state, 'alive', 20_000)
})
