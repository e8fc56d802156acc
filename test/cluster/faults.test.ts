import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { createNode, cutOff, endpointDraft, endpointsOf, networkDraft, startRelay } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

const reachable = (cluster: Cluster, wanted: boolean) => eventually(async () => cluster.status().reachable, wanted)
const isUnavailable = /^EngineError: etcd unreachable since \S+: cannot /

test('Cluster goes on when one member of three is killed: no state is lost, none is made twice', async () => {
  await using etcd = await startEtcd({ count: 3 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  await eventually(async () => two.networks().length, 1)
  const making = Array.from({ length: 30 }, (_, i) => [one, two][i % 2]!.reserveEndpoint(endpointDraft(id, `c${i}`)))
  await etcd.kill9(0)
  const made = await Promise.all(making)
  assert.equal(new Set(made.map(({ ipv4 }) => ipv4)).size, 30)
  const more = await two.reserveEndpoint(endpointDraft(id, 'later'))
  const wanted = [...made, more].map(({ containerName, ipv4 }) => `${containerName} ${ipv4}`).sort()
  await eventually(async () => endpointsOf(one, id), wanted)
  await etcd.start(0)
  await etcd.kill9(1)
  await one.releaseEndpoint(made[0]!.id)
  await eventually(
    async () => endpointsOf(two, id),
    wanted.filter((line) => !line.startsWith('c0 ')),
  )
})

test('Cluster without any member refuses at once what is new, and does later what is its own', async () => {
  await using etcd = await startEtcd({ count: 3 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  const web = await one.reserveEndpoint(endpointDraft(id, 'web'))
  const db = await one.reserveEndpoint(endpointDraft(id, 'db'))
  await eventually(async () => endpointsOf(two, id), ['db 10.0.0.3/24', 'web 10.0.0.2/24'])
  await Promise.all([0, 1, 2].map((index) => etcd.kill9(index)))
  // Asked for while etcd still seems to be there: nobody knows what became of it.
  const [unsure] = await Promise.allSettled([two.reserveEndpoint(endpointDraft(id, 'unsure'))])
  assert.equal(unsure.status, 'rejected')
  await Promise.all([reachable(one, false), reachable(two, false)])
  await assert.rejects(two.reserveEndpoint(endpointDraft(id, 'unsure')), isUnavailable)

  await assert.rejects(one.createNetwork(networkDraft('other')), isUnavailable)
  await assert.rejects(one.removeNetwork(id), isUnavailable)
  await assert.rejects(two.reserveEndpoint(endpointDraft(id, 'new')), isUnavailable)
  assert.deepEqual(endpointsOf(two, id), ['db 10.0.0.3/24', 'web 10.0.0.2/24'])

  await one.updateEndpoint(web.id, { containerName: 'www', dnsNames: ['www'], aliases: ['w'] })
  await one.releaseEndpoint(db.id)
  // A restart of "db": it gets back what it had.
  const back = await one.reserveEndpoint(endpointDraft(id, 'db', { dnsNames: ['db', 'database'] }))
  assert.deepEqual([back.id, back.ipv4], [db.id, db.ipv4])
  const gone = await one.reserveEndpoint(endpointDraft(id, 'web')).catch(() => undefined)
  assert.equal(gone, undefined, 'web has given nothing up')

  await Promise.all([0, 1, 2].map((index) => etcd.start(index)))
  await Promise.all([reachable(one, true), reachable(two, true)])
  await eventually(async () => endpointsOf(two, id), ['db 10.0.0.3/24', 'www 10.0.0.2/24'])
  assert.deepEqual(two.endpoint(db.id)?.dnsNames, ['db', 'database'])
  const types = b.changes.map(({ type }) => type).filter((type) => type.startsWith('endpoint'))
  assert.deepEqual(types, ['endpoint-added', 'endpoint-added', 'endpoint-changed', 'endpoint-changed'])
})

test('openCluster without etcd knows what was last known, gives back and takes on what is its own, and joins later', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  const [kept, dropped] = [
    await one.reserveEndpoint(endpointDraft(id, 'kept')),
    await one.reserveEndpoint(endpointDraft(id, 'dropped')),
  ]
  await eventually(async () => two.endpoints(id).length, 2)
  await a.close()
  await etcd.kill9(0)
  const again = await a.open()
  assert.deepEqual([again.status().reachable, again.networks().map(({ name }) => name)], [false, ['net']])
  assert.deepEqual(endpointsOf(again, id), ['dropped 10.0.0.3/24', 'kept 10.0.0.2/24'])
  assert.deepEqual(
    again.nodes().map(({ name, state }) => `${name} ${state}`),
    ['a unknown', 'b unknown'],
  )
  await again.adoptEndpoint(kept)
  await again.releaseEndpoint(dropped.id)
  await a.close()
  await etcd.start(0)
  const third = await a.open()
  await reachable(two, true)
  await eventually(async () => endpointsOf(two, id), ['kept 10.0.0.2/24'])
  assert.deepEqual(
    third.ownEndpoints().map(({ containerName }) => containerName),
    ['kept'],
  )
})

test('Cluster lists again after a compaction during a cut, and tells only what differs', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open({ timing: { leaseSeconds: 2 } })]
  const { id } = await one.createNetwork(networkDraft('net'))
  const stays = await one.reserveEndpoint(endpointDraft(id, 'stays'))
  const goes = await one.reserveEndpoint(endpointDraft(id, 'goes'))
  await eventually(async () => two.endpoints(id).length, 2)
  b.changes.length = 0
  {
    using _ = cutOff(b)
    const comes = await one.reserveEndpoint(endpointDraft(id, 'comes'))
    await one.releaseEndpoint(comes.id)
    await one.releaseEndpoint(goes.id)
    await one.reserveEndpoint(endpointDraft(id, 'new'))
    const [{ Status }] = JSON.parse(await etcd.ctl('endpoint', 'status', '--write-out', 'json'))
    await etcd.ctl('compaction', String(Status.header.revision))
    await reachable(two, false)
    assert.equal(two.endpoints(id).length, 2)
  }
  await eventually(async () => endpointsOf(two, id), ['new 10.0.0.5/24', 'stays 10.0.0.2/24'])
  assert.deepEqual(two.endpoint(stays.id), stays)
  const told = b.changes.flatMap((one) => ('endpoint' in one ? [`${one.type} ${one.endpoint.containerName}`] : []))
  assert.deepEqual(told, ['endpoint-removed goes', 'endpoint-added new'])
})

test('Cluster writes again what an older backup of etcd has lost, with the same addresses, and nobody notices', async () => {
  await using etcd = await startEtcd({ count: 3 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const [one, two] = [await a.open(), await b.open()]
  const old = await one.createNetwork(networkDraft('old'))
  await eventually(async () => two.networks().length, 1)
  const before = await one.reserveEndpoint(endpointDraft(old.id, 'before'))
  const ghost = await two.reserveEndpoint(endpointDraft(old.id, 'ghost'))
  const file = join(tmpdir(), `backup-${process.pid}`)
  await etcd.save(file)
  await two.releaseEndpoint(ghost.id)
  const fresh = await two.createNetwork(networkDraft('new'))
  await eventually(async () => one.networks().length, 2)
  const after = [
    await one.reserveEndpoint(endpointDraft(old.id, 'after-a')),
    await two.reserveEndpoint(endpointDraft(old.id, 'after-b')),
    await one.reserveEndpoint(endpointDraft(fresh.id, 'fresh')),
  ]
  await eventually(async () => [one, two].map((node) => node.endpoints(old.id).length), [3, 3])
  await eventually(async () => two.endpoints(fresh.id).length, 1)
  for (const { changes } of [a, b]) changes.length = 0

  await etcd.restore(file)
  rmSync(file)
  const wanted = [before, ...after].map(({ networkId, id, ipv4 }) => `${networkId}/${id} ${ipv4}`).sort()
  const inEtcd = async () => {
    const { kvs = [] } = JSON.parse(await etcd.ctl('get', '--prefix', '/wharf/test/ep/', '--write-out', 'json'))
    const texts = kvs.map(({ value }: { value: string }) => JSON.parse(Buffer.from(value, 'base64').toString()))
    return texts.map((one: typeof before) => `${one.networkId}/${one.id} ${one.ipv4}`).sort()
  }
  await eventually(inEtcd, wanted)
  for (const { changes } of [a, b]) {
    const told = changes.filter(({ type }) => /^(network|endpoint)/.test(type))
    // The ghost came back with the backup, and went again with its owner's word.
    const others = told.filter((change) => !('endpoint' in change && change.endpoint.id === ghost.id))
    assert.deepEqual(others, [])
  }
  assert.deepEqual([one.quarantined(), two.quarantined()], [[], []])
  for (const node of [one, two]) await eventually(async () => node.endpoints(old.id).length, 3)
})

test('Cluster finds out that its watch has fallen silent, though etcd answers', async () => {
  await using etcd = await startEtcd()
  await using relay = await startRelay(etcd.ports[0]!)
  await using a = createNode(etcd, 'a')
  await using b = createNode({ ports: [relay.port] }, 'b', { timing: { auditMs: 500 } })
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  const goes = await one.reserveEndpoint(endpointDraft(id, 'goes'))
  await eventually(async () => endpointsOf(two, id), ['goes 10.0.0.2/24'])
  relay.silence()
  await one.releaseEndpoint(goes.id)
  await eventually(async () => endpointsOf(two, id), [])
})

test('Cluster whose watch works is not taken for silent while others change something all the time', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b', { timing: { auditMs: 20 } })
  const [one, two] = [await a.open(), await b.open()]
  const { id } = await one.createNetwork(networkDraft('net'))
  await eventually(async () => two.networks().length, 1)
  const end = performance.now() + 4_000
  const change = async (_: unknown, worker: number) => {
    for (let i = 0; performance.now() < end; i++) {
      const made = await one.reserveEndpoint(endpointDraft(id, `c${worker}-${i}`))
      await one.releaseEndpoint(made.id)
    }
  }
  await Promise.all(Array.from({ length: 16 }, change))
  const told = b.changes.flatMap((change) => (change.type === 'status' ? [change.status.reason] : []))
  assert.deepEqual(told.filter(Boolean), [])
})

test('Cluster knows an older backup also when its history has grown longer than the one that was lost', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a', { timing: { leaseSeconds: 2 } })
  await using b = createNode(etcd, 'b', { timing: { leaseSeconds: 2 } })
  const [one, two] = [await a.open(), await b.open()]
  const file = join(tmpdir(), `backup-long-${process.pid}`)
  await etcd.save(file)
  const { id } = await one.createNetwork(networkDraft('net'))
  await eventually(async () => two.networks().length, 1)
  const web = await two.reserveEndpoint(endpointDraft(id, 'web'))
  await eventually(async () => one.endpoints(id).length, 1)
  const { revision } = one.status()
  for (const { changes } of [a, b]) changes.length = 0
  {
    using _ = cutOff(a)
    using __ = cutOff(b)
    await etcd.restore(file)
    rmSync(file)
    for (let i = 0; i < revision; i++) await etcd.ctl('put', '/elsewhere', String(i))
    await reachable(two, false)
  }
  await Promise.all([reachable(one, true), reachable(two, true)])
  const names = async () => (await etcd.ctl('get', '--prefix', '--keys-only', '/wharf/test/ep/')).trim()
  await eventually(names, `/wharf/test/ep/${id}/${web.id}`)
  await Promise.all([one.settled(), two.settled()])
  assert.deepEqual(
    b.changes.filter(({ type }) => /^(network|endpoint)/.test(type)),
    [],
  )
  assert.deepEqual(two.quarantined(), [])
  await eventually(async () => endpointsOf(one, id), ['web 10.0.0.2/24'])
})
